"""What `registry-guard check` reads: stack exports, previews, plans and ARM templates, each made a `Stack`."""
