#include "io/bytes/packing.h"
#include "io/npz/npz.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_SHOWN = 80 };

/* A member being unpacked. */
typedef struct member {
    npz *archive;
    zip_file_t *file;
    char *name; /* as messages say it */
} member;

nmf_status npz_fail(nmf_context *context, nmf_status otherwise, const char *where, const char *done,
                    zip_error_t *error) {
    if (zip_error_code_zip(error) == ZIP_ER_MEMORY) {
        return fail(context, NMF_ERROR_MEMORY, "out of memory: %s could not be %s", where, done);
    }
    return fail(context, otherwise, "%s could not be %s: %s", where, done, zip_error_strerror(error));
}

static nmf_status fail_open(const npz *archive, int code) {
    const char *path = stream_path(archive->in);
    int system = errno;
    if (code == ZIP_ER_NOZIP || code == ZIP_ER_INCONS) {
        return fail(
            archive->context, NMF_ERROR_INPUT,
            "%s is cut short or damaged: it does not end in the directory that a zip archive, which NPZ is, has", path);
    }
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    zip_error_set(&error, code, system);
    nmf_status status = npz_fail(archive->context, NMF_ERROR_INPUT, path, "read as a zip archive", &error);
    zip_error_fini(&error);
    return status;
}

static nmf_status fail_descriptor(const npz *archive) {
    return fail(archive->context, NMF_ERROR_INPUT, "%s could not be read: %s", stream_path(archive->in),
                strerror(errno));
}

/* libzip closes the descriptor that it is given, once it has taken it. */
static nmf_status open_zip(npz *archive, int fd) {
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    struct stat about;
    if (own < 0 || fstat(own, &about) != 0 || lseek(own, 0, SEEK_SET) != 0) {
        nmf_status status = fail_descriptor(archive);
        if (own >= 0) {
            close(own);
        }
        return status;
    }
    int code = ZIP_ER_OK;
    archive->bytes = (int64_t)about.st_size;
    archive->zip = zip_fdopen(own, 0, &code);
    if (!archive->zip) {
        nmf_status status = fail_open(archive, code);
        close(own);
        return status;
    }
    return NMF_OK;
}

nmf_status npz_open(stream *in, npz *archive) {
    int fd;
    *archive = (npz){.in = in, .context = stream_context(in)};
    nmf_status status = stream_seekable(in, &fd);
    return status == NMF_OK ? open_zip(archive, fd) : status;
}

void npz_close(npz *archive) {
    zip_discard(archive->zip);
}

nmf_status npz_find(const npz *archive, const char *name, const char *ending, int64_t *index) {
    size_t length = strlen(name);
    zip_int64_t count = zip_get_num_entries(archive->zip, 0);
    *index = -1;
    for (zip_int64_t i = 0; i < count; i++) {
        const char *found = zip_get_name(archive->zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW);
        if (!found || strncmp(found, name, length) != 0 || strcmp(found + length, ending) != 0) {
            continue;
        }
        if (*index >= 0) {
            return fail(archive->context, NMF_ERROR_INPUT, "%s holds two members named %.*s; names must differ",
                        stream_path(archive->in), NAME_SHOWN, found);
        }
        *index = i;
    }
    return NMF_OK;
}

static nmf_status fail_member(const member *m, zip_error_t *error) {
    nmf_context *context = m->archive->context;
    if (zip_error_code_zip(error) == ZIP_ER_CRC) {
        return fail(context, NMF_ERROR_INPUT, "%s is damaged: its bytes do not fit its checksum", m->name);
    }
    return npz_fail(context, NMF_ERROR_INPUT, m->name, "unpacked", error);
}

/* Arrays can overlap in the archive: the rule against bombs is kept by all of them together. */
static nmf_status member_read(void *user, void *bytes, size_t room, size_t *got) {
    const member *m = user;
    npz *archive = m->archive;
    zip_int64_t count = zip_fread(m->file, bytes, room);
    *got = count > 0 ? (size_t)count : 0;
    if (count < 0) {
        return fail_member(m, zip_file_get_error(m->file));
    }
    archive->unpacked += count;
    stream_count(archive->in, count);
    return unpacked_check(archive->context, stream_path(archive->in), "zip", archive->bytes, archive->unpacked);
}

static void member_close(void *user) {
    member *m = user;
    if (m) {
        nmf_context *context = m->archive->context;
        if (m->file) {
            zip_fclose(m->file);
        }
        buffer_free(context, m->name);
        buffer_free(context, m);
    }
}

static nmf_status member_name(member *m, const char *name) {
    static const char between[] = ", ";
    const char *path = stream_path(m->archive->in);
    size_t before = strlen(path), length = strnlen(name, NAME_SHOWN);
    int64_t room = 0;
    nmf_status status = buffer_reserve(m->archive->context, (void **)&m->name, &room,
                                       (int64_t)(before + sizeof between + length), 1, "the name of an array");
    if (status == NMF_OK) {
        memcpy(m->name, path, before);
        memcpy(m->name + before, between, sizeof between - 1);
        memcpy(m->name + before + sizeof between - 1, name, length);
        m->name[before + sizeof between - 1 + length] = '\0';
    }
    return status;
}

/* Other methods than those two could take any amount of memory. */
static nmf_status check_method(const member *m, const zip_stat_t *about) {
    nmf_context *context = m->archive->context;
    if (about->valid & ZIP_STAT_ENCRYPTION_METHOD && about->encryption_method != ZIP_EM_NONE) {
        return fail(context, NMF_ERROR_INPUT, "%s is encrypted; only what is not encrypted can be read", m->name);
    }
    if (about->valid & ZIP_STAT_COMP_METHOD && about->comp_method != ZIP_CM_STORE &&
        about->comp_method != ZIP_CM_DEFLATE) {
        return fail(context, NMF_ERROR_INPUT,
                    "%s is packed by the zip method %d; 0 (stored) and 8 (deflated) can be read, as NumPy writes them",
                    m->name, about->comp_method);
    }
    return NMF_OK;
}

static nmf_status open_member(member *m, zip_uint64_t index) {
    zip_stat_t about;
    zip_t *zip = m->archive->zip;
    if (zip_stat_index(zip, index, 0, &about) != 0) {
        return npz_fail(m->archive->context, NMF_ERROR_INPUT, m->name, "unpacked", zip_get_error(zip));
    }
    nmf_status status = check_method(m, &about);
    if (status != NMF_OK) {
        return status;
    }
    m->file = zip_fopen_index(zip, index, 0);
    return m->file ? NMF_OK : fail_member(m, zip_get_error(zip));
}

nmf_status npz_array_open(npz *archive, int64_t index, stream **out) {
    member *m = NULL;
    int64_t room = 0;
    *out = NULL;
    const char *name = zip_get_name(archive->zip, (zip_uint64_t)index, ZIP_FL_ENC_RAW);
    nmf_status status = buffer_reserve(archive->context, (void **)&m, &room, 1, sizeof *m, "an array of an archive");
    if (status != NMF_OK) {
        return status;
    }
    *m = (member){.archive = archive};
    status = member_name(m, name ? name : "");
    if (status == NMF_OK) {
        status = open_member(m, (zip_uint64_t)index);
    }
    if (status != NMF_OK) {
        member_close(m);
        return status;
    }
    stream_source from = {.read = member_read, .close = member_close, .user = m, .plain = true};
    return stream_open_source(archive->context, m->name, from, out);
}
