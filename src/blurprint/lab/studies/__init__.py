"""The paper's analyses, with what they need to be believed: nulls, intervals, effect sizes."""
