# What `cmake --install` puts where, and the Debian package made of it (`cpack -G DEB`).
include(GNUInstallDirs)

set(material ${CMAKE_BINARY_DIR}/material)

# made(FILE WORDS...): a file that the program writes about itself, so that it is never out of date.
function(gatehouse_made file)
  add_custom_command(
    OUTPUT ${material}/${file}
    COMMAND $<TARGET_FILE:gatehouse> ${ARGN} > ${material}/${file}
    DEPENDS gatehouse VERBATIM)
endfunction()

file(MAKE_DIRECTORY ${material})
gatehouse_made(gatehouse.bash completion bash)
gatehouse_made(_gatehouse completion zsh)
gatehouse_made(gatehouse.fish completion fish)
gatehouse_made(gatehouse.1 manual gatehouse)
gatehouse_made(gatehouse.yaml.5 manual gatehouse.yaml)

# Never with a date inside, so that the same sources make the same bytes.
find_program(GZIP gzip REQUIRED)
function(gatehouse_compressed from to)
  add_custom_command(
    OUTPUT ${material}/${to}
    COMMAND ${GZIP} -9nc ${from} > ${material}/${to}
    DEPENDS ${from} VERBATIM)
endfunction()

gatehouse_compressed(${material}/gatehouse.1 gatehouse.1.gz)
gatehouse_compressed(${material}/gatehouse.yaml.5 gatehouse.yaml.5.gz)
gatehouse_compressed(${CMAKE_SOURCE_DIR}/deploy/debian/changelog changelog.gz)

add_custom_target(material ALL DEPENDS
  ${material}/gatehouse.bash ${material}/_gatehouse ${material}/gatehouse.fish
  ${material}/gatehouse.1.gz ${material}/gatehouse.yaml.5.gz ${material}/changelog.gz)

# ---- for every system -------------------------------------------------------------------------

set(data ${CMAKE_INSTALL_DATADIR})
install(TARGETS gatehouse COMPONENT gatehouse)
install(FILES config/gatehouse.schema.json DESTINATION ${data}/gatehouse COMPONENT gatehouse)
install(FILES ${material}/gatehouse.bash RENAME gatehouse
  DESTINATION ${data}/bash-completion/completions COMPONENT gatehouse)
install(FILES ${material}/_gatehouse
  DESTINATION ${data}/zsh/vendor-completions COMPONENT gatehouse)
install(FILES ${material}/gatehouse.fish
  DESTINATION ${data}/fish/vendor_completions.d COMPONENT gatehouse)
install(FILES ${material}/gatehouse.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
  COMPONENT gatehouse)
install(FILES ${material}/gatehouse.yaml.5.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man5
  COMPONENT gatehouse)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT gatehouse)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT gatehouse)
install(DIRECTORY deploy/profiles DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples
  COMPONENT gatehouse)

# The file of the package is also the example elsewhere; a package system has its own licence file.
install(FILES deploy/debian/gatehouse.yaml DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples
  COMPONENT elsewhere)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT elsewhere)

# install_unit(COMPONENT DYNAMIC): the prefix is known when it is installed. Debian makes a user for
# the service, so that operators can become it; elsewhere systemd makes one up.
function(gatehouse_install_unit component dynamic)
  install(CODE "
    set(dynamic ${dynamic})
    file(GLOB units ${CMAKE_SOURCE_DIR}/deploy/systemd/gatehouse.*)
    foreach(unit \${units})
      get_filename_component(name \${unit} NAME)
      file(READ \${unit} text)
      string(REPLACE /usr/bin/gatehouse
        \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/gatehouse\" text \"\${text}\")
      if(NOT dynamic)
        string(REPLACE \"DynamicUser=yes\n\" \"\" text \"\${text}\")
      endif()
      file(WRITE ${material}/${component}/\${name} \"\${text}\")
      file(INSTALL ${material}/${component}/\${name}
        DESTINATION \"\${CMAKE_INSTALL_PREFIX}/lib/systemd/system\")
    endforeach()"
    COMPONENT ${component} ${ARGN})
endfunction()

gatehouse_install_unit(elsewhere yes)

# ---- for Debian alone -------------------------------------------------------------------------

gatehouse_install_unit(debian no EXCLUDE_FROM_ALL)
install(FILES deploy/debian/gatehouse.yaml DESTINATION /etc/gatehouse COMPONENT debian
  EXCLUDE_FROM_ALL)
install(FILES deploy/debian/copyright ${material}/changelog.gz
  DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT debian EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL gatehouse debian)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_SET_DESTDIR ON) # for /etc, which no prefix changes
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PACKAGE_NAME gatehouse)
set(CPACK_PACKAGE_VENDOR Gatehouse)
set(CPACK_PACKAGE_CONTACT "Gatehouse maintainers <maintainers@gatehouse.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "reverse proxy that knows who is asking")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Gatehouse stands in front of unmodified HTTP services. It registers and logs
in users, issues and rotates tokens, checks the token of every other request in
its own process, and forwards what is allowed with the verified user id in a
header. Accounts and sessions are kept in SQLite or PostgreSQL, sessions also
in Redis.
.
The service listens on the loopback address until /etc/gatehouse/gatehouse.yaml
says otherwise.")
set(CPACK_DEBIAN_PACKAGE_SECTION httpd)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS adduser)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${CMAKE_SOURCE_DIR}/deploy/debian/conffiles
  ${CMAKE_SOURCE_DIR}/deploy/debian/postinst
  ${CMAKE_SOURCE_DIR}/deploy/debian/prerm
  ${CMAKE_SOURCE_DIR}/deploy/debian/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
