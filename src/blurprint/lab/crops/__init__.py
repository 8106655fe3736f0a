"""From videos and pictures to crops of one face, with a record of what was made from what."""
