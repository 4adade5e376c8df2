// A plugin's library in this process.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "mcpr/plugin.h"

namespace mcpr::plugin {

// Stays mapped when this object goes, as text and code of a plugin may be referred to from places nobody counts; only
// unmap() takes it out of the process.
class Library {
 public:
  // Loads the file, whose constructors then run. Null, with the error, where that cannot be done.
  static std::unique_ptr<Library> open(const std::filesystem::path& file, std::string& error);
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  const mcpr_plugin& manifest() const { return *manifest_; }

  // Nothing of it may be in use. Empty: it is gone from the process, else why it is not.
  std::string unmap();

 private:
  struct Handle;
  Library(std::unique_ptr<Handle> handle, std::filesystem::path file, const mcpr_plugin& manifest);

  std::unique_ptr<Handle> handle_;
  std::filesystem::path file_;  // as the kernel shows it
  const mcpr_plugin* manifest_;
};

}  // namespace mcpr::plugin
