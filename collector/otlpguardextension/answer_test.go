package otlpguardextension

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

const quoted = "zoe.quill@example.org"

// answered returns what a sender is told where the receiver says this.
func answered(t *testing.T, code int, contentType, text string) *http.Response {
	t.Helper()
	extension := newGuarded(t, nil)
	wrap, err := extension.GetHTTPHandler(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	guarded, err := wrap(t.Context(), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(code)
		if text != "" {
			_, _ = io.WriteString(w, text)
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	recorded := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodPost, "/v1/traces", strings.NewReader("x"))
	request.Header.Set("Content-Type", contentType)
	guarded.ServeHTTP(recorded, request)
	return recorded.Result()
}

// What the receiver quotes of a request that it cannot read is told nobody; the answer stays one of OTLP.
func TestAnAnswerQuotesNothing(t *testing.T) {
	for contentType, read := range map[string]func([]byte, *spb.Status) error{
		"application/json":       func(body []byte, told *spb.Status) error { return protojson.Unmarshal(body, told) },
		"application/x-protobuf": func(body []byte, told *spb.Status) error { return proto.Unmarshal(body, told) },
	} {
		for code, text := range map[int]string{400: "expects { but found " + quoted, 500: `{"message": "failed to marshal error message"}` + quoted} {
			answer := answered(t, code, contentType, text)
			body, err := io.ReadAll(answer.Body)
			if err != nil {
				t.Fatal(err)
			}
			told := &spb.Status{}
			if err := read(body, told); err != nil || told.Message != unreadable || told.Code != 3 || answer.StatusCode != 400 {
				t.Errorf("%s: %d is %d, %q, %v", contentType, code, answer.StatusCode, body, err)
			}
		}
	}
}

// Other answers are the receiver's own.
func TestOtherAnswersStay(t *testing.T) {
	for _, each := range []struct {
		code int
		text string
	}{{200, "{}"}, {500, "the exporter failed"}, {500, ""}, {503, "memory"}, {415, "415 unsupported media type"}} {
		answer := answered(t, each.code, "application/json", each.text)
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != each.code || string(body) != each.text {
			t.Errorf("%d %q is %d %q, %v", each.code, each.text, answer.StatusCode, body, err)
		}
	}
}

// A small body that breaks off is not taken for one that came to its end.
func TestASmallBodyThatBreaksOff(t *testing.T) {
	for _, end := range []error{io.EOF, io.ErrUnexpectedEOF} {
		wrap, err := newGuarded(t, nil).GetHTTPHandler(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got error
		guarded, err := wrap(t.Context(), http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, got = io.ReadAll(r.Body)
		}))
		if err != nil {
			t.Fatal(err)
		}
		body := io.NopCloser(io.MultiReader(strings.NewReader("x"), failing{end}))
		request := httptest.NewRequest(http.MethodPost, "/v1/traces", body)
		request.Header.Set("Content-Type", "application/x-protobuf")
		guarded.ServeHTTP(httptest.NewRecorder(), request)
		if (end == io.EOF && got != nil) || (end != io.EOF && got != end) {
			t.Errorf("%v is told as %v", end, got)
		}
	}
}
