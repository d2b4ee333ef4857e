"""Every figure of the package as a reader sees it, photographed in a real JupyterLab."""
