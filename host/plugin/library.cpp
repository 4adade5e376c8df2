#include "host/plugin/library.hpp"

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>
#include <fstream>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

namespace mcpr::plugin {

namespace fs = std::filesystem;
namespace dll = boost::dll;

struct Library::Handle {
  dll::shared_library library;
};

namespace {

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

bool is_mapped(const fs::path& file) {
  const std::string path = " " + file.string();
  const std::string removed = path + " (deleted)";
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.ends_with(path) || line.ends_with(removed)) return true;
  }
  return !maps.eof();  // not to be read: take it to be there
}

}  // namespace

Library::Library(std::unique_ptr<Handle> handle, fs::path file, const mcpr_plugin& manifest)
    : handle_(std::move(handle)), file_(std::move(file)), manifest_(&manifest) {}

Library::~Library() {
  if (!handle_) return;
  static std::mutex mutex;
  static auto* const kept = new std::vector<std::unique_ptr<Handle>>;  // never destroyed: that would unmap
  const std::lock_guard lock(mutex);
  kept->push_back(std::move(handle_));
}

std::unique_ptr<Library> Library::open(const fs::path& file, std::string& error) {
  try {
    auto handle = std::make_unique<Handle>();
    handle->library.load(file, dll::load_mode::rtld_now | dll::load_mode::rtld_local);
    const auto& manifest = handle->library.get<const mcpr_plugin>("mcpr_plugin_abi1");
    std::error_code ignored;
    const fs::path real = fs::canonical(file, ignored);
    return std::unique_ptr<Library>(new Library(std::move(handle), real.empty() ? file : real, manifest));
  } catch (const std::exception& failure) {
    error = load_error(failure.what());
    return nullptr;
  }
}

std::string Library::unmap() {
  handle_.reset();
  if (!is_mapped(file_)) return {};
  return "the dynamic linker keeps it mapped: it has exported unique symbols (link it with the version script), or a "
         "thread has used a thread_local of it";
}

}  // namespace mcpr::plugin
