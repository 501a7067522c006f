import jakarta.servlet.http.*;
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.security.*;
import java.util.*;

/** Tells what a servlet saw of the request, and answers as its path asks. */
public class Seen extends HttpServlet {
    /** Each character as one byte in JSON. */
    static String quoted(String text) {
        var out = new StringBuilder("\"");
        for (char c : text.toCharArray())
            out.append(c < ' ' || c > '~' || c == '"' || c == '\\' ? String.format("\\u%04x", (int) c) : c);
        return out.append('"').toString();
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try {
            tell(request, request.getInputStream().readAllBytes());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IOException(impossible);
        }
        respond(response, path(request));
    }

    static String path(HttpServletRequest request) {
        return request.getServletPath() + (request.getPathInfo() == null ? "" : request.getPathInfo());
    }

    static void tell(HttpServletRequest request, byte[] body) throws IOException, NoSuchAlgorithmException {
        String query = request.getQueryString() == null ? "" : "?" + request.getQueryString();
        String area = Set.of("/private", "/public/private").contains(request.getServletPath()) ? "private" : "open";
        var fields = new StringJoiner(",", "[", "]");
        for (String name : Collections.list(request.getHeaderNames())) {
            for (String value : Collections.list(request.getHeaders(name)))
                fields.add("[" + quoted(name) + "," + quoted(value) + "]");
        }
        String bytesOfPath = new String(path(request).getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        String record = "{\"method\":" + quoted(request.getMethod()) + ",\"target\":" + quoted(request.getRequestURI() + query)
            + ",\"path\":" + quoted(bytesOfPath) + ",\"area\":" + quoted(area) + ",\"fields\":" + fields + ",\"length\":"
            + body.length + ",\"sha256\":\""
            + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body)) + "\"}\n";
        Files.write(Path.of(System.getenv("SEEN")), record.getBytes(StandardCharsets.UTF_8),
                    StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    static void respond(HttpServletResponse response, String path) throws IOException {
        response.setContentType("text/plain");
        String asked = path.substring(path.lastIndexOf('/') + 1);
        OutputStream answer = response.getOutputStream();
        if (asked.equals("status-204")) {
            response.setStatus(204);
        } else if (asked.equals("status-304")) {
            response.setHeader("ETag", "\"1\"");
            response.setStatus(304);
        } else if (asked.equals("pieces") || asked.equals("trailers")) {
            if (asked.equals("trailers")) {
                response.setHeader("Trailer", "X-Sum");
                response.setTrailerFields(() -> Map.of("X-Sum", "7"));
            }
            for (String piece : List.of("one ", "two ", "three")) {
                answer.write(piece.getBytes());
                answer.flush();
            }
        } else if (asked.equals("large-head")) {
            for (int i = 0; i < 40; ++i) response.setHeader("X-Large-" + i, "v".repeat(400));
            answer.write("large".getBytes());
        } else if (asked.matches("bytes-\\d+")) {
            byte[] whole = new byte[Integer.parseInt(asked.substring(6))];
            for (int i = 0; i < whole.length; ++i) whole[i] = (byte) i;
            answer.write(whole);
        } else {
            response.setContentLength(4);
            answer.write("seen".getBytes());
        }
    }
}
