// A call into a plugin: nothing that it throws comes through, and one that holds up the control thread is named.
#pragma once

#include <chrono>
#include <exception>
#include <string>
#include <string_view>

#include "host/plugin/host_services.hpp"
#include "mcpr/plugin.h"

namespace mcpr::plugin {

// Runs f, a call of `what` for the source. False: it threw, and error says what.
template <class F>
bool call_plugin(HostServices& services, const std::string& source, std::string_view what, std::string& error, F&& f) {
  const auto begin = std::chrono::steady_clock::now();
  bool fine = true;
  try {
    f();
  } catch (const std::exception& thrown) {
    fine = false;
    error = std::string(what) + " threw an exception: " + thrown.what();
  } catch (...) {
    fine = false;
    error = std::string(what) + " threw something that is no std::exception";
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  if (took > services.slow_call()) {
    services.log(MCPR_LOG_WARN, source,
                 std::string(what) + " took " + std::to_string(took.count()) +
                     " ms; slow work belongs on a thread that may block");
  }
  return fine;
}

// The same, where nobody waits for the outcome: a failure is logged.
template <class F>
void run_plugin(HostServices& services, const std::string& source, std::string_view what, F&& f) {
  std::string error;
  if (!call_plugin(services, source, what, error, f)) services.log(MCPR_LOG_ERROR, source, error);
}

}  // namespace mcpr::plugin
