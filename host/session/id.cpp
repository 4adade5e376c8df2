#include "host/session/id.hpp"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace mcpr::session {

namespace {

// Random bytes are drawn in blocks: one system call serves 32 ids.
struct Pool {
  std::array<std::uint8_t, 512> bytes;
  std::size_t used = sizeof bytes;

  const std::uint8_t* take(std::size_t n) {
    if (used + n > bytes.size()) {
      for (std::size_t got = 0; got < bytes.size();) {
        const ssize_t result = ::getrandom(bytes.data() + got, bytes.size() - got, 0);
        if (result < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "getrandom");
        if (result > 0) got += static_cast<std::size_t>(result);
      }
      used = 0;
    }
    used += n;
    return bytes.data() + used - n;
  }
};

}  // namespace

std::string new_id() {
  thread_local Pool pool;
  std::array<std::uint8_t, 16> raw;
  const std::uint8_t* random = pool.take(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) raw[i] = random[i];
  raw[6] = static_cast<std::uint8_t>((raw[6] & 0x0f) | 0x40);
  raw[8] = static_cast<std::uint8_t>((raw[8] & 0x3f) | 0x80);
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(36);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
    out.push_back(digits[raw[i] >> 4]);
    out.push_back(digits[raw[i] & 15]);
  }
  return out;
}

}  // namespace mcpr::session
