"""What is to be computed: cells, studies, requests."""
