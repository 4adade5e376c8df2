// What the parts of one source share. All of it outlives them.
#pragma once

#include <functional>
#include <string>

#include "agenda.hpp"
#include "board.hpp"
#include "claims.hpp"
#include "configs.hpp"
#include "link.hpp"
#include "naming.hpp"
#include "options.hpp"
#include "problems.hpp"

namespace mcpr::nacos {

struct Parts {
  Rpc& rpc;
  Api& api;
  Agenda& agenda;
  const Options& options;
  Configs& configs;
  Naming& naming;
  Board& board;
  Claims& claims;
  Problems& problems;
  std::function<void(const std::string&)> note;  // a line for the log
  std::function<void()> progressed;              // something may have become loaded
};

}  // namespace mcpr::nacos
