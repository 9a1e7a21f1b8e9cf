package otlpguardextension

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const protobuf = "application/x-protobuf"

// receiver answers as the OTLP receiver does, and tells what it has read.
type receiver struct {
	read chan []byte
	hold chan struct{} // where it is set, a body is only done with when this is closed
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err == nil {
		r.read <- body
		if r.hold != nil {
			<-r.hold
		}
		if request.Context().Err() != nil {
			http.Error(w, "it was ended", http.StatusInternalServerError)
		}
		return
	}
	told := status.Convert(err)
	code, known := map[codes.Code]int{
		codes.ResourceExhausted: 429, codes.Unavailable: 503, codes.InvalidArgument: 400, codes.Unknown: 400,
	}[told.Code()]
	if !known {
		code = 500
	}
	http.Error(w, told.Message(), code)
}

func (g *guarded) serve(hold chan struct{}) (*httptest.Server, *receiver) {
	g.t.Helper()
	inner := &receiver{make(chan []byte, 100), hold}
	wrap, err := g.GetHTTPHandler(g.t.Context())
	if err != nil {
		g.t.Fatal(err)
	}
	handler, err := wrap(g.t.Context(), inner)
	if err != nil {
		g.t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	g.t.Cleanup(server.Close)
	return server, inner
}

// post returns the status of the answer, and what it says.
func post(ctx context.Context, url, kind string, body io.Reader) (int, string) {
	request, _ := http.NewRequestWithContext(ctx, http.MethodPost, url, body)
	request.Header.Set("Content-Type", kind)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = answer.Body.Close() }()
	said, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, strings.TrimSpace(string(said))
}

// unsized is a body whose length is not told.
func unsized(body []byte) io.Reader { return io.MultiReader(bytes.NewReader(body)) }

// What may pass comes through as it is, whether it is large or small, and whether its length is told.
func TestABodyComesThroughAsItIs(t *testing.T) {
	g := newGuarded(t, nil)
	server, inner := g.serve(nil)
	for name, body := range map[string][]byte{
		"nothing":          nil,
		"small":            encoded(t, logs(100)),
		"small and broken": bytes.Repeat([]byte{0xff}, smallBody),
		"just not small":   encoded(t, logs(smallBody)),
		"large":            encoded(t, logs(5<<20)),
	} {
		for _, sent := range []io.Reader{bytes.NewReader(body), unsized(body)} {
			code, said := post(t.Context(), server.URL+"/v1/logs", protobuf, sent)
			if code != http.StatusOK {
				t.Fatalf("%s: %d %s", name, code, said)
			}
			if !bytes.Equal(within(t, inner.read), body) {
				t.Errorf("%s: it is another", name)
			}
		}
	}
	g.checkFree(4)
}

// What is refused is answered so that the sender does not try again, and the answer is read, not a closed connection.
func TestABodyIsRefused(t *testing.T) {
	g := newGuarded(t, nil)
	server, _ := g.serve(nil)
	deep := bomb(smallBody)
	for range 130 {
		deep = field(5, field(1, deep))
	}
	deep = field(1, field(2, field(2, field(5, deep))))
	for name, each := range map[string]struct {
		path, kind string
		body       []byte
		code       int
		why        reason
	}{
		"empty metrics": {"/v1/metrics", protobuf, bomb(3 << 20), 413, reasonLarge},
		"empty traces":  {"/v1/traces", protobuf, bomb(3 << 20), 413, reasonLarge},
		"empty logs":    {"/v1/logs", protobuf, bomb(3 << 20), 413, reasonLarge},
		"JSON":          {"/v1/logs", "application/json; charset=utf-8", bytes.Repeat([]byte("{},"), 1<<20), 413, reasonLarge},
		"nested":        {"/v1/logs", protobuf, deep, 400, reasonDeep},
		"broken":        {"/v1/logs", protobuf, bytes.Repeat([]byte{0xff}, 1<<20), 400, reasonMalformed},
	} {
		before := g.refused()
		for _, sent := range []io.Reader{bytes.NewReader(each.body), unsized(each.body)} {
			code, said := post(t.Context(), server.URL+each.path, each.kind, sent)
			if code != each.code || said != answers[each.why].message {
				t.Errorf("%s: got %d %s, want %d", name, code, said, each.code)
			}
		}
		before[string(each.why)] += 2
		if got := g.refused(); !maps.Equal(got, before) {
			t.Errorf("%s: figures are %v, want %v", name, got, before)
		}
	}
	g.checkFree(4)
}

// A client that sends all it has before it reads, as many do, reads the answer too.
func TestTheRestOfARefusedBodyIsRead(t *testing.T) {
	g := newGuarded(t, nil)
	server, _ := g.serve(nil)
	body := bomb(19 << 20)
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	head := "POST /v1/logs HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
	if _, err := fmt.Fprintf(connection, head, protobuf, len(body)); err != nil {
		t.Fatal(err)
	}
	if _, err := connection.Write(body); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil || answer.StatusCode != http.StatusRequestEntityTooLarge || answer.Close {
		t.Errorf("got %v, %v", answer, err)
	}
}

// What else is served gets no more than what need not be looked at.
func TestOtherBodiesAreSmall(t *testing.T) {
	g := newGuarded(t, nil)
	server, inner := g.serve(nil)
	for _, each := range [][2]string{{"/v1development/profiles", protobuf}, {"/v1/logs", "text/plain"}, {"/v1/logs", "/"}} {
		url, kind := server.URL+each[0], each[1]
		if code, said := post(t.Context(), url, kind, unsized(make([]byte, smallBody))); code != http.StatusOK {
			t.Errorf("%s: got %d %s", each, code, said)
		}
		within(t, inner.read)
		if code, said := post(t.Context(), url, kind, unsized(make([]byte, smallBody+1))); code == http.StatusOK {
			t.Errorf("%s: got %d %s", each, code, said)
		}
	}
}
