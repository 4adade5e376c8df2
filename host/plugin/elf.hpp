// What the bytes of a file say about it before anything of it runs.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace mcpr::plugin {

// Why these first bytes of a file are no shared object for this machine; empty where they are one.
std::string refuse_elf_header(std::span<const unsigned char> head);

// The names that the shared object exports. False with a reason where its tables make no sense.
bool exported_symbols(const std::filesystem::path& path, std::vector<std::string>& out, std::string& error);

// Why a file with these symbols is no plugin of this ABI; empty where it is one.
std::string refuse_symbols(std::span<const std::string> symbols);

}  // namespace mcpr::plugin
