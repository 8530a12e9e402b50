#include "providers/arqsign/words.hpp"

#include <gtest/gtest.h>

namespace signwatch::arqsign {
namespace {

Status word(std::string_view text) {
    return status_of(std::nullopt, text);
}

TEST(ArqSignWords, the_number_decides) {
    EXPECT_EQ(status_of(1, "Concluído"), Status::created);
    EXPECT_EQ(status_of(2, ""), Status::waiting);
    EXPECT_EQ(status_of(3, "?"), Status::in_process);
    EXPECT_EQ(status_of(4, "Cancelado"), Status::concluded);
    EXPECT_EQ(status_of(5, ""), Status::cancelled);
    for (const int number : {0, -1, 6, 400})
        EXPECT_EQ(status_of(number, "Concluído"), Status::unknown) << number;
}

TEST(ArqSignWords, the_text_in_three_languages) {
    for (const char* text : {"Criado", "Created", "Creado", " CRIADO "})
        EXPECT_EQ(word(text), Status::created) << text;
    for (const char* text : {"Aguardando", "Pending", "Pendiente", "esperando"})
        EXPECT_EQ(word(text), Status::waiting) << text;
    for (const char* text : {"Em processo", "Em_Processo", "em-processo", "In Process", "En proceso"})
        EXPECT_EQ(word(text), Status::in_process) << text;
    for (const char* text : {"Concluído",
                             "Concluido",
                             "CONCLUI\xCC\x81"
                             "DO",
                             "Completed",
                             "Completado"})
        EXPECT_EQ(word(text), Status::concluded) << text;
    for (const char* text : {"Cancelado", "Canceled", "Cancelled"})
        EXPECT_EQ(word(text), Status::cancelled) << text;
}

TEST(ArqSignWords, what_is_not_known_is_never_an_end) {
    for (const char* text :
         {"", "?", "?????????", "Concluído parcialmente", "Conclu", "Arquivado", "\xFF\xFE", "concluido?"})
        EXPECT_EQ(word(text), Status::unknown) << text;
}

TEST(ArqSignWords, broken_encodings_are_repaired) {
    EXPECT_EQ(repaired("Conclu\xC3\x83\xC2\xAD"
                       "do"),
              "Concluído");
    EXPECT_EQ(repaired("Conclu√≠do"), "Concluído");
    EXPECT_EQ(repaired("NÃ£o Ã© â€“"), "Não é –");
    EXPECT_EQ(repaired("N√£o"), "Não");
    EXPECT_EQ(repaired("Conclu\xC3\x83\xC6\x92\xC3\x82\xC2\xAD"
                       "do"),
              "Concluído");
    for (const char* text : {"Concluído", "Em processo", "", "São Paulo – 5 €", "√2", "\xC3"})
        EXPECT_EQ(repaired(text), text);
    EXPECT_EQ(word("Conclu\xC3\x83\xC2\xAD"
                   "do"),
              Status::concluded);
    EXPECT_EQ(word("Conclu√≠do"), Status::concluded);
    EXPECT_EQ(word("Conclu\xEF\xBF\xBD"
                   "do"),
              Status::concluded);
    EXPECT_EQ(word("Conclu?do"), Status::concluded);
}

TEST(ArqSignWords, words_for_events_are_clean_and_bounded) {
    EXPECT_EQ(clean_word("Em processo"), "em_processo");
    EXPECT_EQ(clean_word("Concluído"), "concluido");
    EXPECT_EQ(clean_word("<script>\n"), "_script_");
    EXPECT_EQ(clean_word(""), "unspecified");
    EXPECT_EQ(clean_word(std::string(500, 'x')).size(), 64U);
}

}  // namespace
}  // namespace signwatch::arqsign
