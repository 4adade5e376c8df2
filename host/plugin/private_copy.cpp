#include "host/plugin/private_copy.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>
#include <vector>

#include "host/plugin/file_check.hpp"

namespace mcpr::plugin {

namespace fs = std::filesystem;

namespace {

std::string reason(int error) { return std::generic_category().message(error); }

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
  void add(const void* data, std::size_t size) { EVP_DigestUpdate(context_.get(), data, size); }
  std::string first_hex() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_DigestFinal_ex(context_.get(), digest, &size);
    char text[9];
    std::snprintf(text, sizeof text, "%02x%02x%02x%02x", digest[0], digest[1], digest[2], digest[3]);
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

bool write_all(int fd, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(fd, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    data += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

// Copies and hashes in one pass: the hash is of the bytes that are loaded.
bool copy(int from, int to, Sha256& hash, std::string& error) {
  std::vector<char> buffer(1 << 16);
  for (off_t at = 0;;) {
    const ssize_t got = ::pread(from, buffer.data(), buffer.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) error = "cannot be read: " + reason(errno);
    if (got <= 0) return got == 0;
    at += got;
    hash.add(buffer.data(), static_cast<std::size_t>(got));
    if (!write_all(to, buffer.data(), static_cast<std::size_t>(got))) {
      error = "cannot be copied: " + reason(errno);
      return false;
    }
  }
}

}  // namespace

std::string prepare_runtime_directory(const fs::path& directory) {
  std::error_code failed;
  if (directory.has_parent_path()) fs::create_directories(directory.parent_path(), failed);
  const std::string what = "the runtime directory " + directory.string();
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return what + " cannot be made: " + reason(errno);
  struct stat info{};
  if (::lstat(directory.c_str(), &info) != 0) return what + " cannot be examined: " + reason(errno);
  if (!S_ISDIR(info.st_mode)) return what + " is not a folder";
  if (info.st_uid != ::geteuid()) {
    return what + " is owned by user id " + std::to_string(info.st_uid) + ": chown " + std::to_string(::geteuid()) +
           " '" + directory.string() + "'";
  }
  if (info.st_mode & 077) return what + " is open to others: chmod 700 '" + directory.string() + "'";
  return {};
}

fs::path make_private_copy(int fd, const std::string& stem, const fs::path& directory, std::string& error) {
  static std::atomic<unsigned> generation{0};
  std::string pattern = (directory / (stem + ".XXXXXX")).string();
  const OpenFile to(::mkostemp(pattern.data(), O_CLOEXEC));  // mode 0600
  if (!to) {
    error = "cannot be copied to " + directory.string() + ": " + reason(errno);
    return {};
  }
  Sha256 hash;
  if (!copy(fd, to.fd(), hash, error)) {
    ::unlink(pattern.c_str());
    return {};
  }
  // Another router may use the folder too: link() refuses a name that is there.
  const std::string hash8 = hash.first_hex();
  fs::path made;
  int failed = 0;
  do {
    made = directory / (stem + "." + hash8 + "." + std::to_string(++generation) + ".so");
    failed = ::link(pattern.c_str(), made.c_str()) == 0 ? 0 : errno;
  } while (failed == EEXIST);
  ::unlink(pattern.c_str());
  if (failed == 0) return made;
  error = "cannot be copied to " + made.string() + ": " + reason(failed);
  return {};
}

}  // namespace mcpr::plugin
