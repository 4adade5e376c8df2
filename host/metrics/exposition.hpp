// The text that Prometheus reads: counters of all data threads summed, and gauges that the caller gives.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "host/metrics/cells.hpp"

namespace mcpr::metrics {

struct Gauge {
  std::string name, help;
  double value;
  std::vector<std::pair<std::string, std::string>> labels;
};

std::string exposition(std::span<const Cells* const> cells, std::span<const Gauge> gauges);

}  // namespace mcpr::metrics
