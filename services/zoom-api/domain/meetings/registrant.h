// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace shodan::zoomapi {

/// The answer to one of a meeting's own questions.
struct CustomQuestion {
  std::string title;
  std::string value;
};

/// Somebody registered for a meeting. What Zoom did not tell is empty.
struct Registrant {
  std::string registrant_id;
  std::string email;
  std::string first_name;
  std::string last_name;
  std::string phone;
  std::string org;
  std::string job_title;
  std::string comments;
  std::vector<CustomQuestion> custom_questions;
  std::string status;       ///< "approved", "pending" or "denied"
  std::string join_url;     ///< for this registrant alone
  std::string create_time;  ///< as Zoom writes it, RFC 3339
};

/// One page of a meeting's registrants.
struct RegistrantPage {
  std::vector<Registrant> registrants;
  std::string next_page_token;  ///< empty on the last page
  int total_size = 0;           ///< of all pages
};

}  // namespace shodan::zoomapi
