"""Where and when tasks are computed: processes, Dask, Ray."""
