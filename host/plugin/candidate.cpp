#include "host/plugin/candidate.hpp"

#include <unistd.h>

#include <cerrno>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "host/plugin/elf.hpp"

namespace mcpr::plugin {

namespace {

std::string refuse_head(int fd) {
  unsigned char head[64];
  const ssize_t got = ::pread(fd, head, sizeof head, 0);
  return got < 0 ? "cannot be read: " + std::generic_category().message(errno)
                 : refuse_elf_header(std::span(head, static_cast<std::size_t>(got)));
}

// Fills in the candidate. Why the file is refused; empty where it is not.
std::string examine(const LoadOptions& options, Candidate& out) {
  const std::filesystem::path& file = out.info.file;
  out.version = version_of(file);
  FileCheck checked = check_file(file);
  if (!checked.refused.empty()) return checked.refused;
  struct stat before{};
  ::fstat(checked.file.fd(), &before);
  out.version = version_of(before);
  if (!checked.unsafe.empty() && options.strict) {
    std::string all;
    for (const std::string& problem : checked.unsafe) all += (all.empty() ? "" : "; ") + problem;
    return "is not safe to load: " + all;
  }
  out.info.warnings = std::move(checked.unsafe);

  if (std::string reason = refuse_head(checked.file.fd()); !reason.empty()) return reason;
  if (std::string reason = prepare_runtime_directory(options.runtime_directory); !reason.empty()) return reason;
  std::string error;
  PrivateCopy copy = PrivateCopy::make(checked.file.fd(), file.stem().string(), options.runtime_directory, error);
  if (!copy) return error;
  struct stat after{};
  if (::fstat(checked.file.fd(), &after) != 0 || version_of(after) != out.version) {
    return "was changed while it was read; it is looked at again when that ends";
  }
  out.info.hash = copy.hash();

  std::vector<std::string> symbols;
  if (!exported_symbols(copy.path(), symbols, error)) return error;
  if (std::string reason = refuse_symbols(symbols); !reason.empty()) return reason;
  out.copy = std::move(copy);
  return {};
}

}  // namespace

Candidate examine(const std::filesystem::path& file, const LoadOptions& options) {
  Candidate out;
  out.info.file = file;
  out.info.reason = examine(options, out);
  return out;
}

}  // namespace mcpr::plugin
