/* Loops that use what the processor has: a WIDE function is compiled for a plain processor, one
 * with AVX2 and one with AVX-512, and chosen when the program starts. No fused operations and no
 * reordering, so both give the same bits. INLINE: what such a loop calls. Files with wide loops are
 * built with -O3 and without errno (see meson.build), else the loops stay narrow. */
#ifndef MODEL_WIDE_H
#define MODEL_WIDE_H

#define INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define WIDE __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#else
#define WIDE
#endif

#endif
