#include "host/plugin/elf.hpp"

#include <elf.h>

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/library_info.hpp>
#include <cstring>
#include <fstream>
#include <string_view>

namespace mcpr::plugin {

namespace {

std::string machine_name(unsigned machine) {
  switch (machine) {
    case EM_X86_64: return "x86-64";
    case EM_AARCH64: return "aarch64";
    case EM_386: return "i386";
    case EM_ARM: return "arm";
    case EM_RISCV: return "riscv";
    case EM_PPC64: return "ppc64";
    case EM_S390: return "s390";
    default: return "machine " + std::to_string(machine);
  }
}

bool read_header(std::span<const unsigned char> head, Elf64_Ehdr& out) {
  if (head.size() < sizeof out || std::memcmp(head.data(), ELFMAG, SELFMAG) != 0) return false;
  std::memcpy(&out, head.data(), sizeof out);
  return true;
}

// The machine is that of the program which runs: its own header says it, for every platform alike.
const Elf64_Ehdr& own_header() {
  static const Elf64_Ehdr own = [] {
    unsigned char bytes[sizeof(Elf64_Ehdr)]{};
    std::ifstream self("/proc/self/exe", std::ios::binary);
    self.read(reinterpret_cast<char*>(bytes), sizeof bytes);
    Elf64_Ehdr header{};
    read_header(bytes, header);
    return header;
  }();
  return own;
}

}  // namespace

std::string refuse_elf_header(std::span<const unsigned char> head) {
  Elf64_Ehdr header;
  if (!read_header(head, header)) return "is not an ELF file";
  if (header.e_ident[EI_CLASS] != ELFCLASS64) return "is not a 64-bit ELF file";
  const Elf64_Ehdr& own = own_header();
  if (header.e_ident[EI_DATA] != own.e_ident[EI_DATA]) return "is an ELF file of the other byte order";
  if (header.e_machine != own.e_machine) {
    return "is built for " + machine_name(header.e_machine) + ", this machine is " + machine_name(own.e_machine);
  }
  if (header.e_type != ET_DYN) return "is an ELF file but no shared object";
  return {};
}

bool exported_symbols(const std::filesystem::path& path, std::vector<std::string>& out, std::string& error) {
  try {
    out = boost::dll::library_info(path).symbols();
    return true;
  } catch (const std::exception& failure) {
    error = std::string("is an ELF file that is broken or cut off: ") + failure.what();
    return false;
  }
}

std::string refuse_symbols(std::span<const std::string> symbols) {
  constexpr std::string_view kPrefix = "mcpr_plugin_abi";
  std::string others;
  for (const std::string& symbol : symbols) {
    if (symbol == "mcpr_plugin_abi1") return {};
    if (symbol.starts_with(kPrefix)) others += (others.empty() ? "" : ", ") + symbol;
  }
  if (others.empty()) return "is not a plugin of mcp-router: it does not export mcpr_plugin_abi1";
  return "is a plugin of another ABI: it exports " + others +
         ", this router needs mcpr_plugin_abi1; install the plugin's build for this version of the router";
}

}  // namespace mcpr::plugin
