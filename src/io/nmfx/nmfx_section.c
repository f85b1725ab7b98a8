/* Sections: numbers in the narrowest type that holds them, and packed where that makes less than half of them. */
#include "io/bytes/zstd.h"
#include "io/nmfx/nmfx.h"

#include <endian.h>
#include <float.h>
#include <math.h>
#include <string.h>

/*
 * Unpacking costs more than reading from a good disk saves, unless it saves this much; and a sample tells. What packs
 * far better than that is left as it is, since readers take it for a bomb.
 */
static const double worth_packing = 0.5, too_good = 1.0 / 128;
enum { LEVEL = 3, SAMPLE = 1 << 16 };

struct nmfx_packer {
    nmf_context *context;
    ZSTD_CCtx *zstd;
    unsigned char *raw, *planes, *packed;
    int64_t raw_room, planes_room, packed_room;
};

size_t nmfx_type_bytes(nmfx_type type) {
    static const size_t bytes[NMFX_TYPES] = {0, 1, 2, 4, 4, 8};
    return bytes[type];
}

nmfx_type nmfx_narrowest(nmf_dtype dtype, const void *values, int64_t count) {
    bool whole = true, narrow = true;
    double most = 0;
    for (int64_t i = 0; i < count && narrow; i++) {
        double v = dtype_get(dtype, values, i);
        whole = whole && v >= 0 && v <= UINT16_MAX && v == floor(v);
        narrow = isnan(v) || (fabs(v) <= FLT_MAX && (double)(float)v == v);
        most = v > most ? v : most;
    }
    if (!narrow) {
        return NMFX_F64;
    }
    return !whole ? NMFX_F32 : most <= UINT8_MAX ? NMFX_U8 : NMFX_U16;
}

nmfx_type nmfx_narrowest_whole(const uint32_t *numbers, int64_t count) {
    uint32_t most = 0;
    for (int64_t i = 0; i < count; i++) {
        most = numbers[i] > most ? numbers[i] : most;
    }
    return most <= UINT8_MAX ? NMFX_U8 : most <= UINT16_MAX ? NMFX_U16 : NMFX_U32;
}

static void put(nmfx_type type, unsigned char *bytes, int64_t i, double value) {
    float narrow = (float)value;
    uint64_t bits = 0;
    if (type == NMFX_F64) {
        memcpy(&bits, &value, sizeof value);
    } else if (type == NMFX_F32) {
        uint32_t low;
        memcpy(&low, &narrow, sizeof low);
        bits = low;
    } else {
        bits = (uint64_t)value;
    }
    bits = htole64(bits);
    size_t size = nmfx_type_bytes(type);
    memcpy(bytes + (size_t)i * size, &bits, size);
}

/* Byte b of every number, side by side. */
static void to_planes(const unsigned char *numbers, int64_t count, size_t size, unsigned char *planes) {
    for (size_t b = 0; b < size; b++) {
        for (int64_t i = 0; i < count; i++) {
            planes[(int64_t)b * count + i] = numbers[(size_t)i * size + b];
        }
    }
}

static void from_planes(const unsigned char *planes, int64_t count, size_t size, unsigned char *numbers) {
    for (size_t b = 0; b < size; b++) {
        for (int64_t i = 0; i < count; i++) {
            numbers[(size_t)i * size + b] = planes[(int64_t)b * count + i];
        }
    }
}

nmf_status nmfx_packer_new(nmf_context *context, nmfx_packer **out) {
    nmf_status status = array_new(context, 1, sizeof **out, "the packing of blocks", (void **)out);
    if (status != NMF_OK) {
        return status;
    }
    (*out)->context = context;
    (*out)->zstd = ZSTD_createCCtx_advanced(zstd_memory(context));
    if (!(*out)->zstd) {
        nmfx_packer_free(*out);
        *out = NULL;
        return fail_memory(context, "the packing of blocks", 1 << 20);
    }
    return NMF_OK;
}

void nmfx_packer_free(nmfx_packer *packer) {
    if (packer) {
        (void)ZSTD_freeCCtx(packer->zstd);
        buffer_free(packer->context, packer->raw);
        buffer_free(packer->context, packer->planes);
        buffer_free(packer->context, packer->packed);
        array_free(packer->context, packer);
    }
}

static nmf_status reserve(const nmfx_packer *packer, unsigned char **buffer, int64_t *room, size_t bytes) {
    return buffer_reserve(packer->context, (void **)buffer, room, (int64_t)bytes, 1, "the packing of blocks");
}

/* Bytes of the planes of `count` numbers once packed, in packer->packed. */
static nmf_status pack_planes(nmfx_packer *packer, int64_t count, size_t size, size_t *bytes) {
    size_t all = (size_t)count * size, room = ZSTD_compressBound(all);
    nmf_status status = reserve(packer, &packer->planes, &packer->planes_room, all);
    if (status == NMF_OK) {
        status = reserve(packer, &packer->packed, &packer->packed_room, room);
    }
    if (status != NMF_OK) {
        return status;
    }
    to_planes(packer->raw, count, size, packer->planes);
    *bytes = ZSTD_compressCCtx(packer->zstd, packer->packed, room, packer->planes, all, LEVEL);
    /* Where there is room for the worst case, nothing but memory can be wanting. */
    return ZSTD_isError(*bytes) ? fail_memory(packer->context, "the packing of blocks", all) : NMF_OK;
}

static bool pays(size_t packed, double raw) {
    return (double)packed <= worth_packing * raw && (double)packed >= too_good * raw;
}

/* The numbers in packer->raw as a section. */
static nmf_status pack(nmfx_packer *packer, nmfx_type type, int64_t count, nmfx_section *section, const void **bytes) {
    size_t size = nmfx_type_bytes(type), packed = 0;
    int64_t sample = count < SAMPLE ? count : SAMPLE;
    *section = (nmfx_section){type, NMFX_RAW, count * (int64_t)size};
    *bytes = packer->raw;
    nmf_status status = pack_planes(packer, sample, size, &packed);
    if (status == NMF_OK && sample < count && pays(packed, (double)sample * (double)size)) {
        status = pack_planes(packer, count, size, &packed);
        sample = count;
    }
    if (status == NMF_OK && sample == count && pays(packed, (double)section->bytes)) {
        section->packing = NMFX_ZSTD;
        section->bytes = (int64_t)packed;
        *bytes = packer->packed;
    }
    return status;
}

nmf_status nmfx_pack_values(nmfx_packer *packer, nmf_dtype dtype, const void *values, int64_t count,
                            nmfx_section *section, const void **bytes) {
    nmfx_type type = nmfx_narrowest(dtype, values, count);
    nmf_status status = reserve(packer, &packer->raw, &packer->raw_room, (size_t)count * nmfx_type_bytes(type));
    for (int64_t i = 0; i < count && status == NMF_OK; i++) {
        put(type, packer->raw, i, dtype_get(dtype, values, i));
    }
    return status == NMF_OK ? pack(packer, type, count, section, bytes) : status;
}

nmf_status nmfx_pack_whole(nmfx_packer *packer, const uint32_t *numbers, int64_t count, nmfx_section *section,
                           const void **bytes) {
    nmfx_type type = nmfx_narrowest_whole(numbers, count);
    nmf_status status = reserve(packer, &packer->raw, &packer->raw_room, (size_t)count * nmfx_type_bytes(type));
    for (int64_t i = 0; i < count && status == NMF_OK; i++) {
        put(type, packer->raw, i, (double)numbers[i]);
    }
    return status == NMF_OK ? pack(packer, type, count, section, bytes) : status;
}

const void *nmfx_unpack(const nmfx_unpacking *room, const nmfx_section *section, const void *bytes, int64_t count) {
    size_t size = nmfx_type_bytes(section->type), all = (size_t)count * size;
    if (section->packing == NMFX_RAW) {
        return bytes;
    }
    if (ZSTD_decompressDCtx(room->zstd, room->planes, all, bytes, (size_t)section->bytes) != all) {
        return NULL;
    }
    from_planes(room->planes, count, size, room->numbers);
    return room->numbers;
}

/* Number i of a section that may lie anywhere. */
static inline uint16_t at16(const unsigned char *numbers, int64_t i) {
    uint16_t bits;
    memcpy(&bits, numbers + 2 * i, sizeof bits);
    return le16toh(bits);
}

static inline uint32_t at32(const unsigned char *numbers, int64_t i) {
    uint32_t bits;
    memcpy(&bits, numbers + 4 * i, sizeof bits);
    return le32toh(bits);
}

static inline float float_at(const unsigned char *numbers, int64_t i) {
    uint32_t bits = at32(numbers, i);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline double double_at(const unsigned char *numbers, int64_t i) {
    uint64_t bits;
    double value;
    memcpy(&bits, numbers + 8 * i, sizeof bits);
    bits = le64toh(bits);
    memcpy(&value, &bits, sizeof value);
    return value;
}

#define EACH(GET)                                                                                                      \
    for (int64_t i = 0; i < count; i++) {                                                                              \
        to[i] = GET;                                                                                                   \
    }
#define WIDEN(NAME, REAL)                                                                                              \
    static bool NAME(nmfx_type type, const unsigned char *from, int64_t count, REAL *restrict to) {                    \
        bool fits = true;                                                                                              \
        if (type == NMFX_U8) {                                                                                         \
            EACH((REAL)from[i])                                                                                        \
        } else if (type == NMFX_U16) {                                                                                 \
            EACH((REAL)at16(from, i))                                                                                  \
        } else if (type == NMFX_F32) {                                                                                 \
            EACH((REAL)float_at(from, i))                                                                              \
        } else {                                                                                                       \
            EACH((REAL)double_at(from, i))                                                                             \
            for (int64_t i = 0; i < count; i++) {                                                                      \
                fits &= !isinf((double)to[i]) || isinf(double_at(from, i));                                            \
            }                                                                                                          \
        }                                                                                                              \
        return fits;                                                                                                   \
    }

WIDEN(widen_f64, double)
WIDEN(widen_f32, float)

bool nmfx_widen(nmfx_type type, const void *numbers, int64_t count, nmf_dtype dtype, void *values) {
    return dtype == NMF_F64 ? widen_f64(type, numbers, count, values) : widen_f32(type, numbers, count, values);
}

void nmfx_widen_whole(nmfx_type type, const void *numbers, int64_t count, uint32_t *restrict to) {
    const unsigned char *from = numbers;
    if (type == NMFX_U8) {
        EACH(from[i])
    } else if (type == NMFX_U16) {
        EACH(at16(from, i))
    } else {
        EACH(at32(from, i))
    }
}

uint32_t nmfx_whole_at(nmfx_type type, const void *numbers, int64_t i) {
    uint32_t whole;
    size_t size = nmfx_type_bytes(type);
    nmfx_widen_whole(type, (const unsigned char *)numbers + (size_t)i * size, 1, &whole);
    return whole;
}
