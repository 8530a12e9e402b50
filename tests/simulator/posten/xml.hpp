#pragma once

#include <string>
#include <string_view>

#include "tests/simulator/posten/job.hpp"

namespace signwatch::simulator {

/// How an update is written; the defaults are the plain form of section 1.5 of posten-arqsign.
struct XmlForm {
    std::string_view root{};      ///< e.g. "https://127.0.0.1:8443/api"; every URL starts with it
    bool ns4_prefix = false;      ///< the API namespace as ns4, XAdES as the default namespace
    bool extra_elements = false;  ///< elements, attributes, comments and white space that nobody announced
    bool since_missing = false;   ///< no `since` on the signers' statuses
    bool unknown_status = false;  ///< a job status outside the documented three
    bool doctype = false;         ///< a document type with an entity
};

/// The update as a portal or direct status response, by the flow of its job.
std::string write_update(const Job& job, const Update& update, const XmlForm& form);

/// "{root}/{organisation}/{flow}/signature-jobs/{id}"
std::string job_url(const Job& job, std::string_view root);

std::string write_error(std::string_view code, std::string_view message);

}  // namespace signwatch::simulator
