# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
# cython: embedsignature=False
"""The compiled side of the native engine: typed arrays in, arrays updated.

The algorithm is in the C headers beside this file; :mod:`d2vbench.families.doc2vec.native.kernel` is the face to
use. Whatever reaches the loops is checked here once more, so that no argument, however wrong, can
make them read or write outside an array.
"""

from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.math cimport exp
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free


cdef extern from "_variants.h" nogil:
    enum:
        D2V_MAX_WORDS
        D2V_WORD_BUFFER
        D2V_RING
        D2V_SIGMOID_SIZE
        D2V_PADDING
        D2V_DBOW
        D2V_DBOW_WORDS
        D2V_DM
        D2V_DM_CONCAT
        D2V_CBOW

    ctypedef struct d2v_bitgen:
        void *state
        uint32_t (*next_uint32)(void *) noexcept nogil

    ctypedef struct d2v_mt19937:
        pass

    ctypedef struct d2v_words32:
        uint32_t (*next)(void *) noexcept nogil
        void *state

    ctypedef struct d2v_negatives:
        const uint32_t *cum
        const uint32_t *first
        uint32_t last
        int shift

    ctypedef struct d2v_model:
        float *words
        float *docs
        float *outputs
        int64_t n_words, size, layer1_size
        float *hot_words
        float *hot_outputs
        int64_t hot, size_stride, layer1_stride
        int kind, mean, window, shrink_windows, negative
        int learn_docs, learn_words, learn_outputs
        const uint32_t *sample_int
        uint32_t null_word
        d2v_negatives negatives
        const float *sigmoid

    ctypedef struct d2v_corpus:
        const uint32_t *tokens
        const int64_t *offsets
        const int64_t *order
        const int64_t *rows
        const float *alphas
        const uint32_t *seeds
        int64_t passes
        int alpha_by_pass

    ctypedef struct d2v_step:
        pass

    ctypedef struct d2v_worker:
        const d2v_model *model
        const d2v_corpus *corpus
        d2v_words32 source
        d2v_mt19937 mt
        uint32_t *words
        uint32_t *reduced
        uint64_t ahead
        d2v_step *steps
        uint32_t *targets
        uint32_t *near
        float **rows
        float *neu1
        float *work
        float *doc
        float **context
        int64_t effective, raw

    ctypedef struct d2v_block:
        void *base

    ctypedef struct d2v_variant:
        const char *name
        void (*run)(d2v_worker *) noexcept nogil

    int d2v_variants(d2v_variant *)
    void *d2v_aligned(size_t, d2v_block *)
    void d2v_release(d2v_block *)
    void d2v_copy_rows(float *, size_t, const float *, size_t, size_t, int64_t)
    void d2v_leaps(d2v_model *)
    void d2v_start(d2v_worker *, int64_t, int64_t)
    void d2v_mt_seed(d2v_mt19937 *, uint32_t)
    uint32_t d2v_mt_next(void *) noexcept
    uint32_t d2v_randint(d2v_words32 *, uint32_t)
    int d2v_negatives_shift(uint32_t, int64_t)
    void d2v_negatives_fill(uint32_t *, int64_t, int, const uint32_t *, int64_t)
    void d2v_negatives_values(const d2v_negatives *, uint32_t *, size_t)
    uint32_t d2v_negatives_near(const d2v_negatives *, uint32_t)
    uint32_t d2v_negatives_find(const d2v_negatives *, uint32_t, uint32_t)
    size_t D2V_STRIDE(int)
    uint64_t d2v_context_size(const d2v_model *)


KINDS = {
    "dbow": D2V_DBOW,
    "dbow-words": D2V_DBOW_WORDS,
    "dm": D2V_DM,
    "dm-concat": D2V_DM_CONCAT,
    "cbow": D2V_CBOW,
}
MAX_WORDS = D2V_MAX_WORDS
# Limits that keep every index and buffer size far from overflow.
MAX_WINDOW = 10_000
MAX_NEGATIVE = 1_000
MAX_VECTOR_SIZE = 100_000
MAX_LAYER1_SIZE = 10_000_000
MAX_VOCABULARY = 0x7FFFFFFF

cdef d2v_variant _variants[8]
cdef int _n_variants = d2v_variants(_variants)
cdef float _sigmoid[D2V_SIGMOID_SIZE]


cdef void _fill_sigmoid() noexcept:
    # The arithmetic, single precision included, is that of gensim's table.
    cdef int i
    cdef float x, e
    for i in range(D2V_SIGMOID_SIZE):
        x = (i / <float>1000 * <float>2 - <float>1) * <float>6
        e = <float>exp(x)
        _sigmoid[i] = e / (e + <float>1)


_fill_sigmoid()


def variants():
    """Names of the variants that this build and this processor have, the plainest first."""
    return tuple(_variants[i].name.decode() for i in range(_n_variants))


cdef _require(bint holds, str what):
    if not holds:
        raise ValueError(what)


cdef class Model:
    """The arrays and settings of one gensim model.

    `docs` is ``model.dv.vectors`` in training and the array of vectors being inferred in
    inference. An array that is not learnt may be read-only. The first `hot` words' rows are copied,
    and learnt in the copies; `put_back` writes them into the arrays.
    """

    cdef d2v_model m
    cdef uint32_t *_first
    cdef uint32_t *_cum
    cdef d2v_block _hot_words
    cdef d2v_block _hot_outputs
    cdef int64_t n_rows
    cdef object _keep

    def __cinit__(self, const float[:, ::1] words, const float[:, ::1] docs,
                  const float[:, ::1] outputs, const uint32_t[::1] cum_table, sample_int, *,
                  str kind, bint mean, int64_t window, bint shrink_windows, int64_t negative,
                  int64_t null_word, bint learn_docs, bint learn_words, bint learn_outputs,
                  int64_t hot):
        cdef const uint32_t[::1] sample
        cdef int64_t i, buckets, n_words = words.shape[0], size = words.shape[1]
        cdef int64_t layer1 = outputs.shape[1]
        self._first = self._cum = NULL
        _require(kind in KINDS, "unknown kind")
        _require(1 <= n_words <= MAX_VOCABULARY, "vocabulary empty or too large")
        _require(1 <= size <= MAX_VECTOR_SIZE, "vector size out of range")
        _require(1 <= window <= MAX_WINDOW, "window out of range")
        _require(1 <= negative <= MAX_NEGATIVE, "negative out of range")
        _require(0 <= hot <= n_words, "hot out of range")
        self.m.kind = KINDS[kind]
        if self.m.kind == D2V_DM_CONCAT:
            _require(layer1 == size * (2 * window + 1), "outputs do not fit window and size")
            _require(layer1 <= MAX_LAYER1_SIZE, "hidden layer too large")
            _require(0 <= null_word < n_words, "no padding word")
        else:
            _require(layer1 == size, "outputs do not fit the vector size")
            null_word = 0
        _require(outputs.shape[0] == n_words, "words and outputs differ in length")
        _require(docs.shape[0] >= 1 and docs.shape[1] == size, "docs do not fit the vector size")
        _require(cum_table.shape[0] == n_words, "words and cum_table differ in length")
        _require(cum_table[n_words - 1] > 0, "cum_table sums to nothing")
        for i in range(1, n_words):
            if cum_table[i] < cum_table[i - 1]:
                raise ValueError("cum_table decreases")
        self._keep = [words, docs, outputs]
        self.n_rows = docs.shape[0]
        self.m.words = <float *>&words[0, 0]
        self.m.docs = <float *>&docs[0, 0]
        self.m.outputs = <float *>&outputs[0, 0]
        self.m.n_words, self.m.size, self.m.layer1_size = n_words, size, layer1
        self.m.mean, self.m.window = mean, <int>window
        self.m.shrink_windows, self.m.negative = shrink_windows, <int>negative
        self.m.learn_docs, self.m.learn_words = learn_docs, learn_words
        self.m.learn_outputs = learn_outputs
        self.m.sample_int = NULL
        if sample_int is not None:
            sample = sample_int
            _require(sample.shape[0] == n_words, "words and sample_int differ in length")
            self._keep.append(sample)
            self.m.sample_int = &sample[0]
        self.m.null_word = <uint32_t>null_word
        self.m.sigmoid = _sigmoid
        d2v_leaps(&self.m)
        # A copy with padding, so that a look-up may read a few words on without a check.
        self._cum = <uint32_t *>calloc(n_words + D2V_PADDING, sizeof(uint32_t))
        if self._cum == NULL:
            raise MemoryError
        for i in range(n_words + D2V_PADDING):
            self._cum[i] = cum_table[i] if i < n_words else 0xFFFFFFFF
        self.m.negatives.cum = self._cum
        self.m.negatives.last = self._cum[n_words - 1]
        self.m.negatives.shift = d2v_negatives_shift(
            self.m.negatives.last, min(max(2 * n_words, 1 << 8), 1 << 17))
        buckets = (self.m.negatives.last >> self.m.negatives.shift) + 1
        self._first = <uint32_t *>calloc(buckets + 1, sizeof(uint32_t))
        if self._first == NULL:
            raise MemoryError
        d2v_negatives_fill(self._first, buckets, self.m.negatives.shift, self._cum, n_words)
        self.m.negatives.first = self._first
        self.m.size_stride = (size + 15) & ~15
        self.m.layer1_stride = (layer1 + 15) & ~15
        self.m.hot = hot
        if hot:
            self.m.hot_outputs = <float *>d2v_aligned(
                <size_t>hot * self.m.layer1_stride * sizeof(float), &self._hot_outputs)
            if self.m.kind != D2V_DBOW:
                self.m.hot_words = <float *>d2v_aligned(
                    <size_t>hot * self.m.size_stride * sizeof(float), &self._hot_words)
            if self.m.hot_outputs == NULL or self.m.kind != D2V_DBOW and self.m.hot_words == NULL:
                raise MemoryError
            d2v_copy_rows(
                self.m.hot_outputs, self.m.layer1_stride, self.m.outputs, layer1, layer1, hot)
            if self.m.hot_words != NULL:
                d2v_copy_rows(
                    self.m.hot_words, self.m.size_stride, self.m.words, size, size, hot)

    def put_back(self):
        """Write the copied rows that are learnt into the arrays."""
        if self.m.hot_outputs != NULL and self.m.learn_outputs:
            d2v_copy_rows(self.m.outputs, self.m.layer1_size, self.m.hot_outputs,
                          self.m.layer1_stride, self.m.layer1_size, self.m.hot)
        if self.m.hot_words != NULL and self.m.learn_words:
            d2v_copy_rows(self.m.words, self.m.size, self.m.hot_words, self.m.size_stride,
                          self.m.size, self.m.hot)

    def __dealloc__(self):
        d2v_release(&self._hot_words)
        d2v_release(&self._hot_outputs)
        free(self._first)
        free(self._cum)

    def draw(self, const uint32_t[::1] randoms, uint32_t[::1] out):
        """Word that each 32-bit draw falls on, into `out`; for tests."""
        cdef int64_t i
        _require(randoms.shape[0] == out.shape[0], "randoms and out differ in length")
        if randoms.shape[0] == 0:
            return
        out[:] = randoms
        d2v_negatives_values(&self.m.negatives, &out[0], <size_t>out.shape[0])
        for i in range(out.shape[0]):
            out[i] = d2v_negatives_find(&self.m.negatives, out[i],
                                        d2v_negatives_near(&self.m.negatives, out[i]))


cdef class Corpus:
    """Presentations: document ``order[p]`` onto row ``rows[p]``, `passes` times each.

    `alphas` has one learning rate a presentation, or one a pass when `alpha_by_pass`; `seeds`
    restarts the random stream at each presentation.
    """

    cdef d2v_corpus c
    cdef int64_t n, most_row
    cdef object _keep

    def __cinit__(self, const uint32_t[::1] tokens, const int64_t[::1] offsets,
                  const int64_t[::1] order, const int64_t[::1] rows, const float[::1] alphas,
                  seeds, int64_t passes, bint alpha_by_pass):
        cdef const uint32_t[::1] seed
        cdef int64_t i, n_docs = offsets.shape[0] - 1, n = order.shape[0]
        _require(n_docs >= 0 and offsets[0] == 0, "offsets must start with 0")
        _require(offsets[n_docs] == tokens.shape[0], "offsets must end with the number of tokens")
        _require(passes >= 1, "passes must be positive")
        _require(rows.shape[0] == n, "order and rows differ in length")
        _require(alphas.shape[0] >= (passes if alpha_by_pass else n), "too few alphas")
        for i in range(n_docs):
            if offsets[i + 1] < offsets[i]:
                raise ValueError("offsets decrease")
        self.most_row = -1
        for i in range(n):
            if not 0 <= order[i] < n_docs:
                raise ValueError("order out of range")
            if rows[i] < 0:
                raise ValueError("rows out of range")
            if rows[i] > self.most_row:
                self.most_row = rows[i]
        self._keep = [tokens, offsets, order, rows, alphas]
        self.n = n
        # An empty array has no first element to point at; nothing reads through these then.
        self.c.tokens = &tokens[0] if tokens.shape[0] else <const uint32_t *>&self.c
        self.c.offsets = &offsets[0]
        self.c.order = &order[0] if n else NULL
        self.c.rows = &rows[0] if n else NULL
        self.c.alphas = &alphas[0] if alphas.shape[0] else NULL
        self.c.seeds = NULL
        if seeds is not None:
            seed = seeds
            _require(seed.shape[0] == n, "order and seeds differ in length")
            self._keep.append(seed)
            if n:
                self.c.seeds = &seed[0]
        self.c.passes, self.c.alpha_by_pass = passes, alpha_by_pass


cdef class Worker:
    """One thread's position in the streams, and its scratch memory."""

    cdef d2v_worker w
    cdef Model model
    cdef Corpus corpus
    cdef object _stream
    cdef d2v_block _neu1
    cdef d2v_block _work
    cdef d2v_block _doc
    cdef void (*_run)(d2v_worker *) noexcept nogil

    def __cinit__(self, Model model not None, Corpus corpus not None, str variant, int64_t ahead):
        cdef size_t targets = D2V_RING * D2V_STRIDE(model.m.negative)
        cdef size_t layer1 = <size_t>model.m.layer1_size
        cdef int i
        self.model, self.corpus = model, corpus
        _require(corpus.most_row < model.n_rows, "rows out of range")
        _require(1 <= ahead < D2V_RING, "ahead out of range")
        self._run = NULL
        for i in range(_n_variants):
            if _variants[i].name.decode() == variant:
                self._run = _variants[i].run
        _require(self._run != NULL, "unknown variant")
        self.w.model, self.w.corpus, self.w.ahead = &model.m, &corpus.c, ahead
        self.w.words = <uint32_t *>calloc(D2V_WORD_BUFFER, sizeof(uint32_t))
        self.w.reduced = <uint32_t *>calloc(D2V_WORD_BUFFER, sizeof(uint32_t))
        self.w.steps = <d2v_step *>calloc(D2V_RING, sizeof(d2v_step))
        self.w.targets = <uint32_t *>calloc(targets, sizeof(uint32_t))
        self.w.near = <uint32_t *>calloc(targets, sizeof(uint32_t))
        self.w.rows = <float **>calloc(targets, sizeof(float *))
        self.w.neu1 = <float *>d2v_aligned(layer1 * sizeof(float), &self._neu1)
        self.w.work = <float *>d2v_aligned(layer1 * sizeof(float), &self._work)
        self.w.doc = <float *>d2v_aligned(<size_t>model.m.size * sizeof(float), &self._doc)
        self.w.context = <float **>calloc(d2v_context_size(&model.m), sizeof(float *))
        if (self.w.words == NULL or self.w.reduced == NULL or self.w.steps == NULL
                or self.w.targets == NULL or self.w.near == NULL or self.w.rows == NULL
                or self.w.neu1 == NULL or self.w.work == NULL or self.w.doc == NULL
                or self.w.context == NULL):
            raise MemoryError
        self.seed(0)

    def __dealloc__(self):
        free(self.w.words)
        free(self.w.reduced)
        free(self.w.steps)
        free(self.w.targets)
        free(self.w.near)
        free(self.w.rows)
        d2v_release(&self._neu1)
        d2v_release(&self._work)
        d2v_release(&self._doc)
        free(self.w.context)

    def seed(self, uint32_t seed):
        """Draw from an MT19937 of the worker's own, as of ``RandomState(seed)``."""
        d2v_mt_seed(&self.w.mt, seed)
        self.w.source.next, self.w.source.state = d2v_mt_next, &self.w.mt

    def follow(self, bit_generator):
        """Draw from a NumPy bit generator; the caller holds its lock while running."""
        cdef d2v_bitgen *stream
        _require(self.corpus.c.seeds == NULL, "a stream cannot be both shared and restarted")
        stream = <d2v_bitgen *>PyCapsule_GetPointer(bit_generator.capsule, "BitGenerator")
        self._stream = bit_generator
        self.w.source.next, self.w.source.state = stream.next_uint32, stream.state

    def run(self, int64_t begin, int64_t end):
        """Present documents ``begin .. end - 1``; returns (effective words, raw words).

        In CBOW they are the sentences of one job, of at most 10,000 effective words.
        """
        _require(0 <= begin <= end <= self.corpus.n, "presentations out of range")
        self.w.effective = self.w.raw = 0
        with nogil:
            d2v_start(&self.w, begin, end)
            self._run(&self.w)
        return self.w.effective, self.w.raw

    def randint(self, uint32_t bound, uint32_t[::1] out):
        """``RandomState.randint(0, bound, len(out))`` from this worker's stream; for tests."""
        cdef int64_t i
        _require(bound >= 1, "bound must be positive")
        for i in range(out.shape[0]):
            out[i] = d2v_randint(&self.w.source, bound)
