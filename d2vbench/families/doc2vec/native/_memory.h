/* Memory that begins on a cache line, in large pages where the system gives them on request. */
#ifndef D2V_MEMORY_H
#define D2V_MEMORY_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

#define D2V_LINE 64
#define D2V_LARGE_PAGE ((size_t)1 << 21)

/* `bytes` of zeros on a line of their own; `base` is what to free. NULL when there is no memory. */
static void *d2v_aligned(size_t bytes, void **base)
{
    const size_t to = bytes >= D2V_LARGE_PAGE ? D2V_LARGE_PAGE : D2V_LINE;
    char *p;
    *base = calloc(bytes + to, 1);
    if (*base == NULL)
        return NULL;
    p = (char *)(((uintptr_t)*base + to - 1) & ~(uintptr_t)(to - 1));
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (to == D2V_LARGE_PAGE) /* a wish: a system that refuses serves small pages */
        (void)madvise(p, bytes & ~(to - 1), MADV_HUGEPAGE);
#endif
    return p;
}

/* Rows of `n` floats between an array of them and a copy whose rows are `stride` apart. */
static void d2v_copy_rows(float *to, size_t to_stride, const float *from, size_t from_stride,
                          size_t n, int64_t rows)
{
    int64_t i;
    for (i = 0; i < rows; i++)
        memcpy(to + (size_t)i * to_stride, from + (size_t)i * from_stride, n * sizeof(float));
}

#endif
