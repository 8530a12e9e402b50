# How every target of signwatch is compiled, and the two functions that declare libraries and tests.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

option(SIGNWATCH_WERROR "Treat warnings as errors" ON)
set(SIGNWATCH_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")
option(SIGNWATCH_FUZZ "Build the fuzz targets of tests/fuzz, and everything so that a fuzzer sees its way (clang)" OFF)

find_program(SIGNWATCH_CCACHE ccache)
if(SIGNWATCH_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${SIGNWATCH_CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${SIGNWATCH_CCACHE})
endif()
find_program(SIGNWATCH_LLD ld.lld)
if(SIGNWATCH_LLD)
    add_link_options(-fuse-ld=lld)
endif()

# Most of the compile time is headers: the sources of a target are compiled together, except in the dev preset.
set(CMAKE_UNITY_BUILD_BATCH_SIZE 16)

add_library(signwatch_options INTERFACE)
target_compile_options(signwatch_options INTERFACE -Wall -Wextra -Wconversion -fno-omit-frame-pointer)
if(CMAKE_UNITY_BUILD)
    # Private types of a source look to g++ as if they stood in a header.
    target_compile_options(signwatch_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()
if(SIGNWATCH_WERROR)
    target_compile_options(signwatch_options INTERFACE -Werror)
endif()
target_include_directories(signwatch_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(signwatch_options INTERFACE SIGNWATCH_VERSION="${PROJECT_VERSION}")

# Hardening of release binaries: PIE, full RELRO, fortified libc calls, checked stack.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported()
set(SIGNWATCH_HARDENING -fstack-protector-strong $<$<CONFIG:Release>:-U_FORTIFY_SOURCE> $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>)
add_link_options(-Wl,-z,relro,-z,now)

if(SIGNWATCH_SANITIZE)
    # clang 14 cannot compile coroutines with the function check of UBSan.
    add_compile_options(-fsanitize=${SIGNWATCH_SANITIZE} -fno-sanitize=function -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${SIGNWATCH_SANITIZE})
    # Frame recycling would hide a use after free; TSan does not model the fences of asio.
    add_compile_definitions(BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()

if(SIGNWATCH_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# signwatch_library(NAME SOURCES a.cpp ... DEPENDS target ...): one static library per room.
function(signwatch_library name)
    cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
    add_library(${name} STATIC ${arg_SOURCES})
    target_link_libraries(${name} PUBLIC signwatch_options ${arg_DEPENDS})
    target_compile_options(${name} PRIVATE ${SIGNWATCH_HARDENING})
endfunction()

# signwatch_test(NAME SOURCES a_test.cpp ... DEPENDS target ... [TIMEOUT s] [LABELS l]): one GoogleTest program, one ctest.
function(signwatch_test name)
    cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;DEPENDS;LABELS" ${ARGN})
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE signwatch_options ${arg_DEPENDS} GTest::gmock GTest::gtest_main)
    # Test code gains nothing from the optimiser, and a third of all compile time is its.
    target_compile_options(${name} PRIVATE -O0)
    add_test(NAME ${name} COMMAND ${name})
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 120)
    endif()
    if(NOT arg_LABELS)
        set(arg_LABELS unit)
    endif()
    set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
endfunction()

# signwatch_blackbox_test(NAME SCRIPT [ARGUMENTS a ...] SECONDS s [LABELS l]): SCRIPT with the folder of our programs and ARGUMENTS.
# SECONDS is what it usually takes: the longest begin first, and one that takes ten times as long is ended.
function(signwatch_blackbox_test name script)
    cmake_parse_arguments(PARSE_ARGV 2 arg "" "SECONDS" "ARGUMENTS;LABELS")
    add_test(NAME ${name}
        COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/${script} $<TARGET_FILE_DIR:signwatch> ${arg_ARGUMENTS})
    math(EXPR limit "60 + 10 * ${arg_SECONDS}")
    set_tests_properties(${name} PROPERTIES COST ${arg_SECONDS} TIMEOUT ${limit} LABELS "blackbox;${arg_LABELS}")
endfunction()

# signwatch_compile_alone(LIST): the sources named in that file are not compiled together with others.
function(signwatch_compile_alone list)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${list})
    file(STRINGS ${list} sources REGEX "^[^#]")
    foreach(source IN LISTS sources)
        cmake_path(GET source PARENT_PATH room)
        set_source_files_properties(${CMAKE_SOURCE_DIR}/${source} DIRECTORY ${CMAKE_SOURCE_DIR}/${room}
            PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endforeach()
endfunction()
