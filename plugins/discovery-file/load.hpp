// All that the file source is configured to read, read at once. Does file I/O: for a thread that may block.
#pragma once

#include <string>
#include <vector>

#include "config.hpp"
#include "expand.hpp"
#include "watch_plan.hpp"

namespace mcpr::file {

struct Loaded {
  std::vector<Found> services;  // no name twice: the first one is kept
  std::vector<Issue> errors;    // the services of a file with errors are not among `services`
  std::vector<Issue> notes;
  std::vector<std::string> missing;  // files and folders that are configured and not there
};

Loaded load(const Config& config, const Environment& environment);
WatchPlan watch_plan(const Config& config);

}  // namespace mcpr::file
