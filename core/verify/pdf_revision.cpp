#include "core/verify/pdf_revision.hpp"

#include <algorithm>
#include <vector>

#include "core/verify/refuse.hpp"

namespace signwatch::verify {
namespace {

constexpr std::string_view white_space("\r\n \t\f\0", 6);
constexpr int uncompressed = 1;

bool same(const QPDFXRefEntry& a, const QPDFXRefEntry& b) {
    if (a.getType() != b.getType()) return false;
    if (a.getType() == uncompressed) return a.getOffset() == b.getOffset();
    return a.getObjStreamNumber() == b.getObjStreamNumber() && a.getObjStreamIndex() == b.getObjStreamIndex();
}

// Goes into direct arrays and dictionaries; qpdf has limited their depth.
void collect(QPDFObjectHandle object, Objects& found);

void collect_item(QPDFObjectHandle item, Objects& found) {
    if (item.isIndirect())
        found.insert(item.getObjGen());
    else
        collect(item, found);
}

void collect(QPDFObjectHandle object, Objects& found) {
    if (object.isStream()) object = object.getDict();
    if (object.isArray()) {
        for (int i = 0; i < object.getArrayNItems(); ++i)
            collect_item(object.getArrayItem(i), found);
    } else if (object.isDictionary()) {
        for (const std::string& key : object.getKeys())
            collect_item(object.getKey(key), found);
    }
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(white_space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

std::size_t count(std::string_view text, std::string_view word) {
    std::size_t found = 0;
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + word.size()))
        ++found;
    return found;
}

// "12 0 obj", but not "endobj".
std::size_t count_beginnings(std::string_view text) {
    std::size_t found = 0;
    for (std::size_t at = text.find("obj"); at != std::string_view::npos; at = text.find("obj", at + 3)) {
        if (at > 0 && (white_space.find(text[at - 1]) != std::string_view::npos || text[at - 1] == '0')) ++found;
    }
    return found;
}

void require_one_object(std::string_view text) {
    require_addition(count(text, "endobj") == 1 && count_beginnings(text) == 1);
}

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::vector<std::size_t> offsets_from(const PdfRevision& revision, std::size_t begin) {
    std::vector<std::size_t> offsets;
    for (const auto& [id, entry] : revision.table) {
        if (entry.getType() == uncompressed && static_cast<std::size_t>(entry.getOffset()) >= begin)
            offsets.push_back(static_cast<std::size_t>(entry.getOffset()));
    }
    std::sort(offsets.begin(), offsets.end());
    return offsets;
}

}  // namespace

void require_addition(bool good) {
    if (!good) {
        refuse("pdf_byte_range",
               "the last signature does not cover the whole file, and what follows is more than validation data");
    }
}

PdfRevision::PdfRevision(std::string_view bytes) {
    pdf.setSuppressWarnings(true);
    pdf.setAttemptRecovery(false);
    pdf.processMemoryFile("document", bytes.data(), bytes.size());
    table = pdf.getXRefTable();
}

Objects references_of(PdfRevision& revision) {
    Objects found;
    collect(revision.pdf.getTrailer(), found);
    for (const auto& [id, entry] : revision.table)
        collect(revision.pdf.getObjectByObjGen(id), found);
    return found;
}

Objects new_objects(const PdfRevision& before, const PdfRevision& after, QPDFObjGen may_change) {
    for (const auto& [id, entry] : before.table) {
        const auto now = after.table.find(id);
        require_addition(now != after.table.end() && (same(entry, now->second) || id == may_change));
    }
    Objects added;
    for (const auto& [id, entry] : after.table) {
        if (before.table.count(id) != 0) continue;
        const auto of_that_number = before.table.lower_bound(QPDFObjGen(id.getObj(), 0));
        require_addition(of_that_number == before.table.end() || of_that_number->first.getObj() != id.getObj());
        added.insert(id);
    }
    return added;
}

void require_plain_update(std::string_view bytes, std::size_t begin, const PdfRevision& revision) {
    const std::vector<std::size_t> offsets = offsets_from(revision, begin);
    require_addition(!offsets.empty());
    require_addition(trimmed(bytes.substr(begin, offsets.front() - begin)).empty());
    for (std::size_t i = 0; i + 1 < offsets.size(); ++i) {
        const std::string_view object = bytes.substr(offsets[i], offsets[i + 1] - offsets[i]);
        require_one_object(object);
        require_addition(ends_with(trimmed(object), "endobj"));
    }
    const std::string_view last = bytes.substr(offsets.back());
    require_one_object(last);
    const std::string_view rest = trimmed(last.substr(last.find("endobj") + 6));
    require_addition(rest.substr(0, 4) == "xref" || rest.substr(0, 9) == "startxref");
    require_addition(count(bytes.substr(begin), "%%EOF") == 1 && ends_with(rest, "%%EOF"));
}

}  // namespace signwatch::verify
