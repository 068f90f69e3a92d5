"""The rich menus: what they are, putting them on LINE, and giving each person the one that fits them now."""
