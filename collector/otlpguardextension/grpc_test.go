package otlpguardextension

import (
	"context"
	"encoding/binary"
	"maps"
	"net"
	"slices"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
)

const exportLogs = exportOf + "logs.v1.LogsService/Export"

// field returns a message of one field with a content.
func field(number uint64, content []byte) []byte {
	return append(binary.AppendUvarint(binary.AppendUvarint(nil, number<<3|2), uint64(len(content))), content...)
}

// logService tells the length of what it gets.
type logService struct {
	plogotlp.UnimplementedGRPCServer
	got  chan int
	hold chan struct{}
}

func (s *logService) Export(ctx context.Context, request plogotlp.ExportRequest) (plogotlp.ExportResponse, error) {
	records := request.Logs().ResourceLogs().At(0).ScopeLogs().At(0).LogRecords()
	s.got <- len(records.At(0).Body().Str())
	if s.hold != nil {
		<-s.hold
	}
	return plogotlp.NewExportResponse(), ctx.Err()
}

// authenticate lets all in but those who say that they are strangers.
func authenticate(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if strange := metadata.ValueFromIncomingContext(ctx, "stranger"); len(strange) > 0 {
		return nil, status.Error(codes.Unauthenticated, "a stranger")
	}
	return handler(ctx, request)
}

// serveGRPC returns a connection to a guarded server, the service behind it, and what guards it.
func (g *guarded) serveGRPC(hold chan struct{}) (*grpc.ClientConn, *logService, *server) {
	g.t.Helper()
	own := newServer(g.guard)
	// As the Collector does: the authentication comes first, and others follow the calls too.
	options := append([]grpc.ServerOption{
		grpc.MaxRecvMsgSize(20 << 20), grpc.ChainUnaryInterceptor(authenticate), grpc.StatsHandler(otherStats{}),
	}, own.options()...)
	serving, service := grpc.NewServer(options...), &logService{got: make(chan int, 100), hold: hold}
	plogotlp.RegisterGRPCServer(serving, service)
	grpc_health_v1.RegisterHealthServer(serving, health.NewServer())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		g.t.Fatal(err)
	}
	go func() { _ = serving.Serve(listener) }()
	connection, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() {
		_ = connection.Close()
		serving.Stop()
	})
	return connection, service, own
}

type otherStats struct{}

func (otherStats) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (otherStats) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (otherStats) HandleRPC(context.Context, stats.RPCStats)                         {}
func (otherStats) HandleConn(context.Context, stats.ConnStats)                       {}

// raw sends bytes as they are.
type raw struct{}

func (raw) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.([]byte))}, nil
}
func (raw) Unmarshal(mem.BufferSlice, any) error { return nil }
func (raw) Name() string                         { return "proto" }

func send(ctx context.Context, to *grpc.ClientConn, body []byte, options ...grpc.CallOption) codes.Code {
	var answer []byte
	return status.Code(to.Invoke(ctx, exportLogs, body, &answer, append(options, grpc.ForceCodecV2(raw{}))...))
}

// A message that may pass is decoded as it is, large or small, compressed or not; other services do not notice.
func TestAMessageComesThroughAsItIs(t *testing.T) {
	g := newGuarded(t, nil)
	connection, service, own := g.serveGRPC(nil)
	for _, length := range []int{0, 10, smallBody, 5 << 20} {
		for _, options := range [][]grpc.CallOption{nil, {grpc.UseCompressor(gzip.Name)}} {
			if _, err := plogotlp.NewGRPCClient(connection).Export(t.Context(), logs(length), options...); err != nil {
				t.Fatal(err)
			}
			if got := within(t, service.got); got != length {
				t.Errorf("got %d, want %d", got, length)
			}
		}
	}
	answer, err := grpc_health_v1.NewHealthClient(connection).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	if err != nil || answer.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Errorf("got %v, %v", answer, err)
	}
	g.checkFree(4)
	own.checkEmpty(t)
}

func (s *server) checkEmpty(t *testing.T) {
	t.Helper()
	s.codec.mutex.Lock()
	defer s.codec.mutex.Unlock()
	if len(s.codec.kept) > 0 {
		t.Errorf("%d messages are kept", len(s.codec.kept))
	}
}

// What is refused is told so; nothing of a stranger's message is looked at.
func TestAMessageIsRefused(t *testing.T) {
	g := newGuarded(t, nil)
	connection, _, own := g.serveGRPC(nil)
	stranger := metadata.AppendToOutgoingContext(t.Context(), "stranger", "yes")
	for name, each := range map[string]struct {
		ctx  context.Context
		body []byte
		want codes.Code
		why  reason
	}{
		"a bomb":              {t.Context(), bomb(3 << 20), codes.ResourceExhausted, reasonLarge},
		"broken":              {t.Context(), make([]byte, smallBody+1), codes.InvalidArgument, reasonMalformed},
		"small and broken":    {t.Context(), make([]byte, 10), codes.Internal, ""},
		"a stranger's bomb":   {stranger, bomb(3 << 20), codes.Unauthenticated, ""},
		"a stranger's little": {stranger, make([]byte, 10), codes.Unauthenticated, ""},
	} {
		before := g.refused()
		for _, options := range [][]grpc.CallOption{nil, {grpc.UseCompressor(gzip.Name)}} {
			if got := send(each.ctx, connection, each.body, options...); got != each.want {
				t.Errorf("%s: got %s, want %s", name, got, each.want)
			}
		}
		if each.why != "" {
			before[string(each.why)] += 2
		}
		if got := g.refused(); !maps.Equal(got, before) {
			t.Errorf("%s: figures are %v, want %v", name, got, before)
		}
	}
	g.checkFree(4)
	own.checkEmpty(t)
}

// As many calls are received at a time as may be: another waits, and is told to try again where it waits too long.
func TestACallWaitsForOthers(t *testing.T) {
	for wait, want := range map[time.Duration][]codes.Code{
		deadline: {codes.OK}, 100 * time.Millisecond: {codes.Canceled, codes.Unavailable}, // the latter if it has come whole
	} {
		t.Run(want[0].String(), func(t *testing.T) {
			g := newGuarded(t, func(c *Config) { c.MaxConcurrent, c.MaxWait = 1, wait })
			hold := make(chan struct{})
			connection, service, own := g.serveGRPC(hold)
			codesOf := [2]chan codes.Code{make(chan codes.Code, 1), make(chan codes.Code, 1)}
			for _, each := range codesOf {
				go func() { each <- send(context.Background(), connection, encoded(t, logs(10))) }()
				if each == codesOf[0] {
					within(t, service.got)
				}
			}
			if want[0] == codes.OK {
				close(hold)
				within(t, service.got)
			}
			if got := within(t, codesOf[1]); !slices.Contains(want, got) {
				t.Errorf("got %s, want %s", got, want)
			}
			if want[0] != codes.OK {
				close(hold)
				if got := g.refused(); !maps.Equal(got, map[string]int64{"busy": 1}) {
					t.Errorf("figures are %v", got)
				}
			}
			if got := within(t, codesOf[0]); got != codes.OK {
				t.Errorf("the first got %s", got)
			}
			g.checkFree(1)
			own.checkEmpty(t)
		})
	}
}

// A call whose message does not come is ended: others can be received again. One that has come may be processed for longer.
func TestASlowCallIsGivenUp(t *testing.T) {
	g := newGuarded(t, func(c *Config) { c.MaxConcurrent, c.ReadTimeout = 2, 100*time.Millisecond })
	hold, answers := make(chan struct{}), make(chan codes.Code, 2)
	connection, service, _ := g.serveGRPC(hold)
	held := func() {
		go func() { answers <- send(context.Background(), connection, encoded(t, logs(10))) }()
		within(t, service.got)
	}
	held()
	stream, err := connection.NewStream(t.Context(), &grpc.StreamDesc{ClientStreams: true}, exportLogs, grpc.ForceCodecV2(raw{}))
	if err != nil {
		t.Fatal(err)
	}
	var answer []byte
	if err := stream.RecvMsg(&answer); status.Code(err) != codes.Canceled {
		t.Errorf("got %v", err)
	}
	held()
	close(hold)
	if got := [2]codes.Code{within(t, answers), within(t, answers)}; got != [2]codes.Code{} {
		t.Errorf("got %s", got)
	}
	g.checkFree(2)
	if got := g.refused(); !maps.Equal(got, map[string]int64{"slow": 1}) {
		t.Errorf("figures are %v", got)
	}
}
