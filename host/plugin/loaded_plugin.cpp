#include "host/plugin/loaded_plugin.hpp"

#include <unistd.h>

#include <cerrno>
#include <span>
#include <string_view>

#define BOOST_DLL_USE_STD_FS
#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <system_error>
#include <utility>
#include <vector>

#include "host/plugin/elf.hpp"
#include "host/plugin/file_check.hpp"
#include "host/plugin/manifest.hpp"
#include "host/plugin/private_copy.hpp"

namespace mcpr::plugin {

namespace fs = std::filesystem;
namespace dll = boost::dll;

namespace {

// Removes the copy again unless it is in use.
class CopyGuard {
 public:
  explicit CopyGuard(fs::path path) : path_(std::move(path)) {}
  ~CopyGuard() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  CopyGuard(const CopyGuard&) = delete;
  CopyGuard& operator=(const CopyGuard&) = delete;
  fs::path release() { return std::exchange(path_, {}); }

 private:
  fs::path path_;
};

// Never destroyed: see LoadedPlugin. Loading happens on one thread.
void keep_mapped(dll::shared_library library) {
  static auto* const kept = new std::vector<dll::shared_library>;
  kept->push_back(std::move(library));
}

std::string load_error(std::string text) {
  // Boost puts the dynamic linker's own text in brackets behind a sentence about itself.
  constexpr std::string_view kMark = "dlerror system message: ";
  if (const auto at = text.find(kMark); at != std::string::npos) text.erase(0, at + kMark.size());
  if (const auto at = text.find(": Bad file descriptor"); at != std::string::npos) text.resize(at);
  while (!text.empty() && (text.back() == ')' || text.back() == ' ')) text.pop_back();
  std::string out = "cannot be loaded: " + text;
  if (text.find("cannot open shared object file") != std::string::npos) {
    out += "; install the library that is missing, or ldconfig the folder it is in";
  } else if (text.find("failed to map segment") != std::string::npos) {
    out += "; if plugins.runtime-directory is on a file system that is mounted noexec, set another";
  }
  return out;
}

std::string refuse_head(int fd) {
  unsigned char head[64];
  const ssize_t got = ::pread(fd, head, sizeof head, 0);
  return got < 0 ? "cannot be read: " + std::generic_category().message(errno)
                 : refuse_elf_header(std::span(head, static_cast<std::size_t>(got)));
}

}  // namespace

LoadedPlugin::LoadedPlugin(PluginInfo info, fs::path copy, const mcpr_plugin& manifest)
    : info_(std::move(info)),
      copy_(std::move(copy)),
      discovery_(static_cast<const mcpr_discovery_factory*>(manifest.get_extension(MCPR_EXT_DISCOVERY))),
      balancer_(static_cast<const mcpr_balancer_factory*>(manifest.get_extension(MCPR_EXT_BALANCER))),
      command_(static_cast<const mcpr_command*>(manifest.get_extension(MCPR_EXT_COMMAND))) {}

LoadedPlugin::~LoadedPlugin() { ::unlink(copy_.c_str()); }

std::shared_ptr<const LoadedPlugin> LoadedPlugin::load(const fs::path& file, const LoadOptions& options,
                                                       PluginInfo& info) {
  info = PluginInfo{};
  info.file = file;
  const auto refuse = [&info](std::string reason) {
    info.reason = std::move(reason);
    return nullptr;
  };

  FileCheck checked = check_file(file);
  if (!checked.refused.empty()) return refuse(checked.refused);
  if (!checked.unsafe.empty() && options.strict) {
    std::string all;
    for (const std::string& problem : checked.unsafe) all += (all.empty() ? "" : "; ") + problem;
    return refuse("is not safe to load: " + all);
  }
  info.warnings = std::move(checked.unsafe);

  if (std::string reason = refuse_head(checked.file.fd()); !reason.empty()) return refuse(std::move(reason));
  if (std::string reason = prepare_runtime_directory(options.runtime_directory); !reason.empty()) {
    return refuse(std::move(reason));
  }
  std::string error;
  const fs::path path = make_private_copy(checked.file.fd(), file.stem().string(), options.runtime_directory, error);
  if (path.empty()) return refuse(std::move(error));
  CopyGuard guard(path);

  std::vector<std::string> symbols;
  if (!exported_symbols(path, symbols, error)) return refuse(std::move(error));
  if (std::string reason = refuse_symbols(symbols); !reason.empty()) return refuse(std::move(reason));

  const mcpr_plugin* manifest = nullptr;
  try {
    dll::shared_library library(path, dll::load_mode::rtld_now | dll::load_mode::rtld_local);
    manifest = &library.get<const mcpr_plugin>("mcpr_plugin_abi1");
    keep_mapped(std::move(library));  // from here on something of it may run
    info.mapped = true;
  } catch (const std::exception& failure) {
    return refuse(load_error(failure.what()));
  }
  if (std::string reason = read_manifest(*manifest, info); !reason.empty()) return refuse(std::move(reason));
  info.state = PluginState::loaded;
  return std::shared_ptr<const LoadedPlugin>(new LoadedPlugin(info, guard.release(), *manifest));
}

}  // namespace mcpr::plugin
