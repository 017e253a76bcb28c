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

typedef struct {
    void *base;
    size_t mapped; /* bytes of a mapping, or 0: from the heap */
} d2v_block;

/* `bytes` of zeros on a line of their own; NULL when there is no memory. Much of it is mapped afresh: on the heap
 * it could be memory that already has small pages, and these cost more than the copies gain. */
static void *d2v_aligned(size_t bytes, d2v_block *block)
{
    const size_t to = bytes >= D2V_LARGE_PAGE ? D2V_LARGE_PAGE : D2V_LINE;
    char *p;
    block->mapped = 0;
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (to == D2V_LARGE_PAGE) {
        block->base = mmap(NULL, bytes + 2 * to, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (block->base == MAP_FAILED) {
            block->base = NULL;
            return NULL;
        }
        block->mapped = bytes + 2 * to;
        p = (char *)(((uintptr_t)block->base + to - 1) & ~(uintptr_t)(to - 1));
        /* A wish, for the end of the last page too: a system that refuses serves small pages. */
        (void)madvise(p, (bytes + to - 1) & ~(to - 1), MADV_HUGEPAGE);
        return p;
    }
#endif
    block->base = calloc(bytes + to, 1);
    if (block->base == NULL)
        return NULL;
    p = (char *)(((uintptr_t)block->base + to - 1) & ~(uintptr_t)(to - 1));
    return p;
}

static void d2v_release(d2v_block *block)
{
#ifdef __linux__
    if (block->mapped) {
        munmap(block->base, block->mapped);
        return;
    }
#endif
    free(block->base);
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
