#include "core/verify/pdf_additions.hpp"

#include <algorithm>
#include <new>
#include <string>

#include "core/domain/error.hpp"
#include "core/verify/pdf_revision.hpp"

namespace signwatch::verify {
namespace {

using Keys = std::set<std::string>;

constexpr std::size_t most_objects = 200'000;

/// Walks a document security store and notes every object in it. Throws when it is anything but dictionaries, arrays
/// and streams where they belong.
class SecurityStore {
public:
    void visit(QPDFObjectHandle store) {
        note(store);
        require_addition(store.isDictionary());
        for (const std::string& key : store.getKeys()) {
            QPDFObjectHandle value = store.getKey(key);
            if (key == "/Certs" || key == "/CRLs" || key == "/OCSPs")
                visit_streams(value);
            else if (key == "/VRI")
                visit_by_signature(value);
            else
                require_addition(key == "/Type" && value.isName() && !value.isIndirect());
        }
    }

    const Objects& seen() const { return seen_; }

private:
    void note(const QPDFObjectHandle& object) {
        if (object.isIndirect()) seen_.insert(object.getObjGen());
    }

    void visit_by_signature(QPDFObjectHandle entries) {
        note(entries);
        require_addition(entries.isDictionary());
        for (const std::string& key : entries.getKeys())
            visit_entry(entries.getKey(key));
    }

    void visit_entry(QPDFObjectHandle entry) {
        note(entry);
        require_addition(entry.isDictionary());
        for (const std::string& key : entry.getKeys()) {
            QPDFObjectHandle value = entry.getKey(key);
            if (key == "/Cert" || key == "/CRL" || key == "/OCSP")
                visit_streams(value);
            else if (key == "/TS")
                visit_stream(value);
            else
                require_addition(!value.isIndirect() &&
                                 ((key == "/Type" && value.isName()) || (key == "/TU" && value.isString())));
        }
    }

    void visit_streams(QPDFObjectHandle list) {
        note(list);
        require_addition(list.isArray());
        for (int i = 0; i < list.getArrayNItems(); ++i)
            visit_stream(list.getArrayItem(i));
    }

    void visit_stream(QPDFObjectHandle stream) {
        note(stream);
        require_addition(stream.isStream());
        QPDFObjectHandle dictionary = stream.getDict();
        for (const std::string& key : dictionary.getKeys()) {
            QPDFObjectHandle value = dictionary.getKey(key);
            if (key == "/Length")
                note(value);
            else
                require_addition(!value.isIndirect() && (key == "/Filter" || key == "/DecodeParms"));
        }
    }

    Objects seen_;
};

// Names the developer extensions that a file uses, such as ADBE 8 for the security store: plain values in two levels.
bool is_plain_extensions(QPDFObjectHandle extensions, int levels) {
    if (extensions.isIndirect() || extensions.isStream()) return false;
    if (!extensions.isDictionary()) return extensions.isName() || extensions.isInteger() || extensions.isString();
    const Keys keys = extensions.getKeys();
    return levels > 0 && std::all_of(keys.begin(), keys.end(), [&](const std::string& key) {
               return is_plain_extensions(extensions.getKey(key), levels - 1);
           });
}

Keys without(Keys keys, const Keys& some) {
    for (const std::string& key : some)
        keys.erase(key);
    return keys;
}

bool same_values(QPDFObjectHandle before, QPDFObjectHandle after, const Keys& keys) {
    return std::all_of(keys.begin(), keys.end(), [&](const std::string& key) {
        return before.getKey(key).unparse() == after.getKey(key).unparse();
    });
}

void require_same_catalog(QPDFObjectHandle before, QPDFObjectHandle after) {
    const Keys may_differ{"/DSS", "/Extensions"};
    const Keys keys = without(before.getKeys(), may_differ);
    require_addition(keys == without(after.getKeys(), may_differ) && same_values(before, after, keys));
    const bool same_extensions = before.getKey("/Extensions").unparse() == after.getKey("/Extensions").unparse();
    require_addition(same_extensions || is_plain_extensions(after.getKey("/Extensions"), 2));
}

// The rest of a trailer describes the cross-reference section itself.
void require_same_trailer(QPDFObjectHandle before, QPDFObjectHandle after) {
    require_addition(same_values(before, after, {"/Root", "/Info", "/Encrypt"}) && !after.hasKey("/XRefStm"));
}

bool holds_objects(QPDFObjectHandle object) {
    if (!object.isStream()) return false;
    QPDFObjectHandle type = object.getDict().getKey("/Type");
    return type.isName() && (type.getName() == "/XRef" || type.getName() == "/ObjStm");
}

void require_additions_of(PdfRevision& before, PdfRevision& after) {
    require_addition(before.table.size() <= most_objects && after.table.size() <= most_objects);
    require_same_trailer(before.pdf.getTrailer(), after.pdf.getTrailer());
    QPDFObjectHandle catalog = after.pdf.getRoot();
    require_same_catalog(before.pdf.getRoot(), catalog);
    SecurityStore store;
    store.visit(catalog.getKey("/DSS"));
    const Objects known = references_of(before);
    for (const QPDFObjGen& id : new_objects(before, after, catalog.getObjGen())) {
        // A reference that led nowhere when it was signed must not lead somewhere now.
        require_addition(known.count(id) == 0);
        require_addition(store.seen().count(id) != 0 || holds_objects(after.pdf.getObjectByObjGen(id)));
    }
}

}  // namespace

void require_only_validation_data(std::string_view bytes, std::size_t signed_end) {
    try {
        PdfRevision before(bytes.substr(0, signed_end));
        PdfRevision after(bytes);
        require_additions_of(before, after);
        require_plain_update(bytes, signed_end, after);
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const Error&) {
        throw;
    } catch (const std::exception&) {
        require_addition(false);
    }
}

}  // namespace signwatch::verify
