# The rules every target of ours is built by: C11, warnings, hidden symbols, sanitizers where asked for.
function(nmf_house target)
    set_target_properties(${target} PROPERTIES C_STANDARD 11 C_STANDARD_REQUIRED ON C_VISIBILITY_PRESET hidden
                          POSITION_INDEPENDENT_CODE ON)
    target_compile_definitions(${target} PRIVATE _GNU_SOURCE _FILE_OFFSET_BITS=64)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wvla -Wstrict-prototypes -Wmissing-prototypes
                           -Wwrite-strings $<IF:$<C_COMPILER_ID:GNU>,-Wshadow=local,-Wshadow>)
    if(NMF_WERROR)
        target_compile_options(${target} PRIVATE -Werror)
    endif()
    if(NMF_SANITIZE)
        # What a sanitizer finds ends the test.
        target_compile_options(${target} PRIVATE -fsanitize=${NMF_SANITIZE} -fno-sanitize-recover=all
                               -fno-omit-frame-pointer)
        target_link_options(${target} PUBLIC -fsanitize=${NMF_SANITIZE})
    endif()
endfunction()

# libNAME.a whose internal names are local: only what nmf.h declares can meet the names of a host program.
function(nmf_add_archive name)
    set(objects $<TARGET_OBJECTS:nmf_objects> ${ARGN})
    set(archive ${PROJECT_BINARY_DIR}/lib${name}.a)
    set(joined ${PROJECT_BINARY_DIR}/lib${name}.o)
    add_custom_command(OUTPUT ${archive}
        COMMAND ${CMAKE_LINKER} -r -o ${joined} ${objects}
        COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${joined}
        COMMAND ${CMAKE_COMMAND} -E rm -f ${archive}
        COMMAND ${CMAKE_AR} rcs ${archive} ${joined}
        DEPENDS ${objects} nmf_objects COMMAND_EXPAND_LISTS VERBATIM)
    add_custom_target(${name}_archive ALL DEPENDS ${archive})
endfunction()

# TARGET links libNAME.a, and behind it the LAPACK that suits its process.
function(nmf_add_static_library target name lapack)
    add_library(${target} INTERFACE)
    add_dependencies(${target} ${name}_archive)
    target_link_libraries(${target} INTERFACE ${PROJECT_BINARY_DIR}/lib${name}.a ${lapack}
                          $<TARGET_PROPERTY:nmf_objects,INTERFACE_LINK_LIBRARIES>)
endfunction()
