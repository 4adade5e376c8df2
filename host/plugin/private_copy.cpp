#include "host/plugin/private_copy.hpp"

#include <Poco/RegularExpression.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

namespace mcpr::plugin {

namespace fs = std::filesystem;

namespace {

std::string reason(int error) { return std::generic_category().message(error); }

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
  void add(const void* data, std::size_t size) { EVP_DigestUpdate(context_.get(), data, size); }
  std::string hex() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_DigestFinal_ex(context_.get(), digest, &size);
    std::string out;
    for (unsigned i = 0; i < size; ++i) {
      out += "0123456789abcdef"[digest[i] >> 4];
      out += "0123456789abcdef"[digest[i] & 15];
    }
    return out;
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

// Held while a copy is being made, so that nobody takes it for a leftover before it is locked itself.
OpenFile lock_directory(const fs::path& directory, int how) {
  OpenFile out(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  while (out && ::flock(out.fd(), how) != 0) {
    if (errno != EINTR) return OpenFile();
  }
  return out;
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

void remove_leftover_copies(const fs::path& directory) {
  const OpenFile alone = lock_directory(directory, LOCK_EX | LOCK_NB);
  if (!alone) return;  // another router is making one: the next start will do
  const Poco::RegularExpression ours(R"(.+\.([0-9a-f]{8}\.[0-9]+\.so|[A-Za-z0-9]{6}))");
  std::error_code failed;
  for (fs::directory_iterator it(directory, failed), end; !failed && it != end; it.increment(failed)) {
    if (!ours.match(it->path().filename().string())) continue;
    const OpenFile copy(::open(it->path().c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (copy && ::flock(copy.fd(), LOCK_EX | LOCK_NB) == 0) ::unlink(it->path().c_str());
  }
}

PrivateCopy::~PrivateCopy() {
  if (lock_) ::unlink(path_.c_str());
}

PrivateCopy::PrivateCopy(PrivateCopy&& other) noexcept
    : path_(std::exchange(other.path_, {})), hash_(std::move(other.hash_)), lock_(std::move(other.lock_)) {}

PrivateCopy& PrivateCopy::operator=(PrivateCopy&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(hash_, other.hash_);
  std::swap(lock_, other.lock_);
  return *this;
}

PrivateCopy PrivateCopy::of_another(fs::path path) {
  PrivateCopy out;
  out.path_ = std::move(path);
  return out;
}

PrivateCopy PrivateCopy::make(int fd, const std::string& stem, const fs::path& directory, std::string& error) {
  static std::atomic<unsigned> generation{0};
  const OpenFile making = lock_directory(directory, LOCK_SH);
  std::string pattern = (directory / (stem + ".XXXXXX")).string();
  OpenFile to(making ? ::mkostemp(pattern.data(), O_CLOEXEC) : -1);  // mode 0600
  if (!to) {
    error = "cannot be copied to " + directory.string() + ": " + reason(errno);
    return {};
  }
  Sha256 hash;
  if (!copy(fd, to.fd(), hash, error)) {
    ::unlink(pattern.c_str());
    return {};
  }
  to = OpenFile();
  PrivateCopy out;
  out.hash_ = hash.hex();
  // Another router may use the folder too: link() refuses a name that is there.
  fs::path made;
  int failed = 0;
  do {
    made = directory / (stem + "." + out.hash_.substr(0, 8) + "." + std::to_string(++generation) + ".so");
    failed = ::link(pattern.c_str(), made.c_str()) == 0 ? 0 : errno;
  } while (failed == EEXIST);
  ::unlink(pattern.c_str());
  if (failed == 0) {
    out.lock_ = OpenFile(::open(made.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (out.lock_ && ::flock(out.lock_.fd(), LOCK_SH | LOCK_NB) == 0) {
      out.path_ = std::move(made);
      return out;
    }
    failed = errno;
    ::unlink(made.c_str());
    out.lock_ = OpenFile();
  }
  error = "cannot be copied to " + made.string() + ": " + reason(failed);
  return {};
}

}  // namespace mcpr::plugin
