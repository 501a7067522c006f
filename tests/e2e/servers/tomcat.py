"""Tomcat 10 with a servlet, made by the compiler that it brings for its own pages."""

from harness.server import give_away

from .real_server import RealServer

HOME = "/usr/share/tomcat10"
COMPILER = "/usr/share/java/eclipse-jdt-core.jar"

SERVER = """<Server port="-1">
  <Service name="Catalina">
    <Connector address="127.0.0.1" port="{port}" maxKeepAliveRequests="-1" maxHttpResponseHeaderSize="65536"
               maxPostSize="-1" maxSwallowSize="-1"/>
    <Engine name="Catalina" defaultHost="localhost">
      <Host name="localhost" appBase="webapps" autoDeploy="false" deployXML="false"/>
    </Engine>
  </Service>
</Server>
"""

APPLICATION = """<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0" metadata-complete="true">
  <absolute-ordering/>
  <servlet><servlet-name>seen</servlet-name><servlet-class>Seen</servlet-class></servlet>
  <servlet-mapping>
    <servlet-name>seen</servlet-name>
    <url-pattern>/private/*</url-pattern>
    <url-pattern>/public/private/*</url-pattern>
    <url-pattern>/</url-pattern>
  </servlet-mapping>
</web-app>
"""


class Tomcat(RealServer):
    name = "tomcat10"
    program = "Seen.java"
    ready_within = 60
    trailers = True
    takes_odd_queries = False

    def prepare(self):
        super().prepare()
        for name in ("conf", "work", "temp", "webapps", "webapps/ROOT", "webapps/ROOT/WEB-INF",
                     "webapps/ROOT/WEB-INF/classes"):
            (self.folder / name).mkdir()
            give_away(self.folder / name)
        self.write("conf/server.xml", SERVER.format(port=self.port))
        self.write("conf/web.xml", APPLICATION.split("<servlet>", maxsplit=1)[0] + "</web-app>")
        self.write("webapps/ROOT/WEB-INF/web.xml", APPLICATION)
        self.run(["java", "-XX:TieredStopAtLevel=1", "-cp", COMPILER, "org.eclipse.jdt.internal.compiler.batch.Main", "-17", "-proc:none",
                  "-cp", f"{HOME}/lib/servlet-api.jar", "-d", self.folder / "webapps/ROOT/WEB-INF/classes",
                  self.program_file])

    def command(self):
        return ["java", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
                f"-Dcatalina.home={HOME}", f"-Dcatalina.base={self.folder}", f"-Djava.io.tmpdir={self.folder}/temp",
                "-cp", f"{HOME}/bin/bootstrap.jar:{HOME}/bin/tomcat-juli.jar",
                "org.apache.catalina.startup.Bootstrap", "start"]
