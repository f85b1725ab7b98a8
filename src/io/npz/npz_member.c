#include "io/npz/npz_member.h"

#include <string.h>

nmf_status npz_member_room(npz_member *m, size_t bytes, void **room) {
    nmf_status status = buffer_reserve(m->context, &m->block, &m->room, (int64_t)bytes + 1, 1, "a part of an archive");
    *room = m->block;
    m->piece = m->block;
    m->left = bytes;
    return status;
}

static void begin(npz_member *m) {
    m->piece = m->header;
    m->left = NPY_HEADER;
    m->done = m->count = m->given = 0;
}

static zip_int64_t give(npz_member *m, char *to, zip_uint64_t room) {
    zip_uint64_t given = 0;
    while (given < room && (m->left > 0 || m->done < m->pieces)) {
        if (m->left == 0) {
            m->status = watched(m->context, m->path, m->given + (int64_t)given, -1);
            m->status = m->status == NMF_OK ? m->make(m, m->done++) : m->status;
            if (m->status != NMF_OK) {
                return -1;
            }
        }
        size_t some = m->left < room - given ? m->left : (size_t)(room - given);
        if (some > 0) {
            memcpy(to + given, m->piece, some);
        }
        m->piece += some;
        m->left -= some;
        given += some;
    }
    m->given += (int64_t)given;
    return (zip_int64_t)given;
}

static zip_int64_t describe(const npz_member *m, void *data, zip_uint64_t room) {
    zip_stat_t *about = data;
    if (room < sizeof *about) {
        return -1;
    }
    zip_stat_init(about);
    about->size = NPY_HEADER + m->bytes;
    about->valid = ZIP_STAT_SIZE;
    return sizeof *about;
}

/* The sentence is kept elsewhere; libzip only needs to hear that there was a failure. */
static zip_int64_t tell_error(const npz_member *m, void *data, zip_uint64_t room) {
    zip_error_t error;
    zip_error_init(&error);
    zip_error_set(&error, m->status == NMF_ERROR_MEMORY ? ZIP_ER_MEMORY : ZIP_ER_INTERNAL, 0);
    zip_int64_t result = zip_error_to_data(&error, data, room);
    zip_error_fini(&error);
    return result;
}

static zip_int64_t serve(void *user, void *data, zip_uint64_t room, zip_source_cmd_t command) {
    npz_member *m = user;
    switch (command) {
    case ZIP_SOURCE_SUPPORTS:
        return ZIP_SOURCE_SUPPORTS_READABLE;
    case ZIP_SOURCE_OPEN:
        begin(m);
        return 0;
    case ZIP_SOURCE_READ:
        return give(m, data, room);
    case ZIP_SOURCE_STAT:
        return describe(m, data, room);
    case ZIP_SOURCE_ERROR:
        return tell_error(m, data, room);
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_FREE:
        return 0;
    default:
        return -1;
    }
}

zip_source_t *npz_member_source(npz_member *m, zip_t *zip) {
    return zip_source_function(zip, serve, m);
}

void npz_member_free(npz_member *m) {
    buffer_free(m->context, m->block);
    m->block = NULL;
}
