"""All that needs torch. The rest of the package never imports it."""
