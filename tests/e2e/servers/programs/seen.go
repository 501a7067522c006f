// Tells what a Go program saw of the request, and answers as its path asks.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"
)

type record struct {
	Method string      `json:"method"`
	Target string      `json:"target"`
	Path   string      `json:"path"`
	Area   string      `json:"area"`
	Fields [][2]string `json:"fields"`
	Length int         `json:"length"`
	Sha256 string      `json:"sha256"`
}

// Each byte as one character: JSON knows no others.
func text(bytes string) string {
	runes := make([]rune, 0, len(bytes))
	for i := 0; i < len(bytes); i++ {
		runes = append(runes, rune(bytes[i]))
	}
	return string(runes)
}

func tell(r *http.Request, body []byte, area string) {
	sum := sha256.Sum256(body)
	told := record{r.Method, text(r.RequestURI), text(r.URL.Path), area, [][2]string{}, len(body), hex.EncodeToString(sum[:])}
	for name, values := range r.Header {
		for _, value := range values {
			told.Fields = append(told.Fields, [2]string{name, text(value)})
		}
	}
	for name, values := range r.Trailer {
		for _, value := range values {
			told.Fields = append(told.Fields, [2]string{name, text(value)})
		}
	}
	line, _ := json.Marshal(told)
	file, err := os.OpenFile(os.Getenv("SEEN"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0600)
	if err != nil {
		panic(err)
	}
	defer file.Close()
	file.Write(append(line, '\n'))
}

func respond(w http.ResponseWriter, asked string) {
	w.Header().Set("Content-Type", "text/plain")
	count, isBytes := 0, false
	if rest := strings.TrimPrefix(asked, "bytes-"); rest != asked {
		number, err := strconv.Atoi(rest)
		count, isBytes = number, err == nil
	}
	switch {
	case asked == "status-204":
		w.WriteHeader(204)
	case asked == "status-304":
		w.Header().Set("ETag", `"1"`)
		w.WriteHeader(304)
	case asked == "pieces":
		for _, piece := range []string{"one ", "two ", "three"} {
			io.WriteString(w, piece)
			w.(http.Flusher).Flush()
		}
	case asked == "trailers":
		w.Header().Set("Trailer", "X-Sum")
		io.WriteString(w, "with a sum")
		w.Header().Set("X-Sum", "7")
	case asked == "hints":
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(103)
		w.Header().Del("Link")
		io.WriteString(w, "hinted")
	case asked == "large-head":
		for i := 0; i < 40; i++ {
			w.Header().Set(fmt.Sprintf("X-Large-%d", i), strings.Repeat("v", 400))
		}
		io.WriteString(w, "large")
	case isBytes:
		every := make([]byte, 256)
		for i := range every {
			every[i] = byte(i)
		}
		w.Write(bytes.Repeat(every, count/256 + 1)[:count])
	default:
		w.Header().Set("Content-Length", "4")
		io.WriteString(w, "seen")
	}
}

func handler(area string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // half a request is none
		}
		tell(r, body, area)
		respond(w, path.Base(r.URL.Path))
	}
}

func main() {
	mux := http.NewServeMux()
	for _, private := range []string{"/private", "/private/", "/public/private", "/public/private/"} {
		mux.Handle(private, handler("private"))
	}
	mux.Handle("/", handler("open"))
	if err := http.ListenAndServe("127.0.0.1:"+os.Args[1], mux); err != nil {
		panic(err)
	}
}
