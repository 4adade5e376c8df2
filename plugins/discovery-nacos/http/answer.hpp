// From an HTTP response of Nacos to a reply. Pure functions.
#pragma once

#include <mcpr/host.hpp>
#include <string_view>

#include "link.hpp"

namespace mcpr::nacos {

// raw_text: the body is a document's content, whatever it looks like.
Reply read_answer(const sdk::HttpResponse& response, bool raw_text = false);

// The server did not take the token, or wants one. By HTTP and by gRPC.
bool is_refused(const Reply& reply);

// Another server of the cluster may do better: this one cannot be reached, or is starting or stopping.
bool is_out_of_order(const sdk::HttpResponse& response);

}  // namespace mcpr::nacos
