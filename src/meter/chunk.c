#include "meter/chunk.h"

#include "base/buf.h"

static void put_varint(struct buf *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7) buf_putc(out, (char)(value | 0x80));
    buf_putc(out, (char)value);
}

static bool take_varint(str bytes, size_t *at, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (*at == bytes.len) return false;
        unsigned char byte = (unsigned char)bytes.ptr[(*at)++];
        *value |= (uint64_t)(byte & 0x7F) << shift;
        if ((byte & 0x80) == 0) return true;
    }
    return false;
}

str chunk_encode(struct arena *arena, const int64_t *wh, size_t expected)
{
    struct buf *out = buf_new(arena);
    for (size_t i = 0; i < expected; i += 8) {
        unsigned bits = 0;
        for (size_t k = 0; k < 8 && i + k < expected; k++)
            bits |= (unsigned)(wh[i + k] != METER_GAP) << k;
        buf_putc(out, (char)bits);
    }
    uint64_t before = 0;
    for (size_t i = 0; i < expected; i++) {
        if (wh[i] == METER_GAP) continue;
        int64_t change = (int64_t)((uint64_t)wh[i] - before);
        put_varint(out, (uint64_t)change << 1 ^ (uint64_t)(change >> 63));
        before = (uint64_t)wh[i];
    }
    return buf_str(out);
}

bool chunk_decode(str bytes, int64_t *wh, size_t expected)
{
    size_t at = (expected + 7) / 8;
    uint64_t before = 0;
    if (bytes.len < at) return false;
    for (size_t i = 0; i < expected; i++) {
        wh[i] = METER_GAP;
        if (((unsigned char)bytes.ptr[i / 8] >> (i % 8) & 1) == 0) continue;
        uint64_t code;
        if (!take_varint(bytes, &at, &code)) return false;
        before += code >> 1 ^ (~(code & 1) + 1);
        wh[i] = (int64_t)before;
    }
    return at == bytes.len;
}

void day_summarise(struct meter_day *day)
{
    int64_t first = METER_GAP;
    bool constant = true;
    day->count = 0;
    day->sum_wh = 0;
    for (int i = 0; i < day->expected; i++) {
        if (day->wh[i] == METER_GAP) continue;
        day->count++;
        day->sum_wh += day->wh[i];
        if (first == METER_GAP) first = day->wh[i];
        constant = constant && day->wh[i] == first;
    }
    day->flags &= ~(uint32_t)(METER_FLAG_GAP | METER_FLAG_CONSTANT);
    if (day->count < day->expected) day->flags |= METER_FLAG_GAP;
    if (constant && day->count > 4 && first != 0) day->flags |= METER_FLAG_CONSTANT;
}

int64_t day_peak_wh(const struct meter_day *day)
{
    int64_t peak = 0;
    for (int i = 0; i < day->expected; i++)
        if (day->wh[i] != METER_GAP && day->wh[i] > peak) peak = day->wh[i];
    return peak;
}
