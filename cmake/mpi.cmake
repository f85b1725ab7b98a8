# libnmf_mpi and nmf-mpi, over one implementation of MPI: `mpi` is the target that has its flags, `suffix` ends the names.
function(nmf_add_mpi mpi suffix)
    add_library(nmf_mpi${suffix} SHARED src/mpi/crowd.c)
    nmf_house(nmf_mpi${suffix})
    set_target_properties(nmf_mpi${suffix} PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0)
    target_include_directories(nmf_mpi${suffix} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                               $<INSTALL_INTERFACE:include>)
    target_link_libraries(nmf_mpi${suffix} PUBLIC ${mpi})

    add_executable(nmf-mpi${suffix} cli/mpi/main.c src/mpi/crowd.c)
    nmf_house(nmf-mpi${suffix})
    target_link_libraries(nmf-mpi${suffix} PRIVATE nmf_cli_objects ${mpi} OpenMP::OpenMP_C)
endfunction()

find_package(MPI COMPONENTS C)
if(MPI_C_FOUND)
    nmf_add_mpi(MPI::MPI_C "")
    install(TARGETS nmf_mpi nmf-mpi)
    install(FILES include/nmf/nmf_mpi.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/nmf)
else()
    message(STATUS "MPI is not here: nmf-mpi and libnmf_mpi are left out")
endif()

# The tests run over the other of the two implementations, too.
pkg_check_modules(MPICH IMPORTED_TARGET mpich)
if(NMF_TESTS AND MPICH_FOUND)
    nmf_add_mpi(PkgConfig::MPICH -mpich)
endif()
