// The reader of YAML files with services: any bytes give services or errors.
#include <cstdint>
#include <string_view>

#include "plugins/discovery-file/read_file.hpp"
#include "tests/fuzz/check_reading.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const mcpr::file::Context context{"fuzz.yml", "/etc", mcpr::fuzz::environment};
  mcpr::fuzz::check(mcpr::file::read_file(text, context));
  return 0;
}
