// A command that a plugin adds to the program: `mcp-router NAME ARGUMENTS`. In the plugin's class:
//
//   static constexpr mcpr::sdk::CommandText kCommand{"services", "services add NAME URL   puts a service into ..."};
//   static int command(const mcpr::sdk::CommandCall& call);  // the exit code
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mcpr/abi.hpp"

namespace mcpr::sdk {

struct CommandText {
  const char* name;
  const char* usage;  // lines for the help
};

// Valid during the call.
class CommandCall {
 public:
  using Out = void (*)(void*, std::int32_t, mcpr_str);
  CommandCall(std::string_view config, std::vector<std::string_view> arguments, Out out, void* ctx)
      : config_(config), arguments_(std::move(arguments)), out_(out), ctx_(ctx) {}

  std::string_view config() const { return config_; }  // JSON object, as a source of this plugin gets it
  const std::vector<std::string_view>& arguments() const { return arguments_; }  // without the command's own name
  void print(std::string_view text) const { out_(ctx_, 1, str(text)); }          // standard output, as it is
  void complain(std::string_view text) const { out_(ctx_, 2, str(text)); }       // standard error

 private:
  std::string_view config_;
  std::vector<std::string_view> arguments_;
  Out out_;
  void* ctx_;
};

namespace detail {

// What the command throws is printed, and 1 returned.
template <class P>
std::int32_t run_command(mcpr_str config, const mcpr_str* arguments, std::uint32_t count, CommandCall::Out out,
                         void* ctx) noexcept {
  std::int32_t code = 1;
  guarded(
      [&] {
        std::vector<std::string_view> words;
        for (std::uint32_t i = 0; i < count; ++i) words.push_back(view(arguments[i]));
        code = P::command(CommandCall(view(config), std::move(words), out, ctx));
      },
      [&](mcpr_status, std::string_view text) { out(ctx, 2, str(std::string(text) + "\n")); });
  return code;
}

template <class P>
inline constexpr mcpr_command command_table{sizeof(mcpr_command), 0, P::kCommand.name, P::kCommand.usage,
                                            &run_command<P>};

}  // namespace detail
}  // namespace mcpr::sdk
