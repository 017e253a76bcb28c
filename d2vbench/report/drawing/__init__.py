"""What figures are drawn with: panels, rows, marks, axes, looks, and their words."""
