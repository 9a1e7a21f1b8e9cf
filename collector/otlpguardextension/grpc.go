package otlpguardextension

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/tap"

	"techsapo.example/collector/otlpguardextension/internal/cost"
)

const exportOf = "/opentelemetry.proto.collector."

// The methods that OTLP has.
var methods = map[string]cost.Signal{
	exportOf + "metrics.v1.MetricsService/Export": cost.Metrics,
	exportOf + "trace.v1.TraceService/Export":     cost.Traces,
	exportOf + "logs.v1.LogsService/Export":       cost.Logs,
}

// GetGRPCServerOptions returns what guards a server.
//
// A message is decoded by the codec, which knows neither whose it is nor what to answer. So the codec only keeps it, and
// the interceptor decodes it: it runs behind the authentication, may wait, and may refuse.
func (g *guard) GetGRPCServerOptions(context.Context) ([]grpc.ServerOption, error) {
	return newServer(g).options(), nil
}

// server guards one gRPC server.
type server struct {
	*guard
	codec *codec
}

func newServer(g *guard) *server {
	return &server{g, &codec{CodecV2: encoding.GetCodecV2(proto.Name), kept: map[any]mem.BufferSlice{}}}
}

func (s *server) options() []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.ForceServerCodecV2(s.codec), grpc.InTapHandle(s.tap), grpc.StatsHandler(s), grpc.ChainUnaryInterceptor(s.intercept),
	}
}

// call is one call, from its first frame to its last. Only `slow` is touched by two goroutines.
type call struct {
	cancel  context.CancelFunc
	refused error // why it is not received
	late    *time.Timer
	slow    atomic.Bool
	message mem.BufferSlice
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	found, _ := ctx.Value(callKey{}).(*call)
	return found
}

// tap gives a call a context by which receiving it can be ended.
func (s *server) tap(ctx context.Context, _ *tap.Info) (context.Context, error) {
	ctx, cancel := context.WithCancel(ctx)
	return context.WithValue(ctx, callKey{}, &call{cancel: cancel}), nil
}

// HandleRPC follows a call: it is told in the call's goroutine, before the message is received and after.
func (s *server) HandleRPC(ctx context.Context, told stats.RPCStats) {
	own := callOf(ctx)
	if own == nil {
		return
	}
	switch told := told.(type) {
	case *stats.Begin:
		s.admit(ctx, own)
	case *stats.InPayload:
		own.late.Stop()
		own.message = s.codec.take(told.Payload)
	case *stats.End:
		s.release(ctx, own)
	}
}

// admit waits until fewer calls are being received: until then no more of a message is taken than a window.
func (s *server) admit(ctx context.Context, own *call) {
	own.late = time.AfterFunc(s.wait+s.read, func() {
		own.slow.Store(true)
		own.cancel()
	})
	if own.refused = s.acquire(ctx, s.calls, 1); own.refused != nil {
		own.cancel()
		return
	}
	own.late.Reset(s.read)
}

func (s *server) release(ctx context.Context, own *call) {
	own.late.Stop()
	own.message.Free()
	own.cancel()
	if own.slow.Load() {
		s.figures.tell(ctx, reasonSlow)
	}
	if own.refused == nil {
		s.calls.Release(1)
	}
}

// intercept decodes the message of a call, where it may be, and has it handled.
func (s *server) intercept(
	ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler,
) (any, error) {
	own := callOf(ctx)
	if own == nil {
		return handler(ctx, request)
	}
	// What had come whole before it was given up.
	if own.refused != nil {
		return nil, own.refused
	}
	if own.message == nil {
		return handler(ctx, request)
	}
	taken, err := s.room(ctx, info.FullMethod, own.message)
	if err != nil {
		return nil, err
	}
	defer s.decoded.Release(taken)
	if err := s.codec.CodecV2.Unmarshal(own.message, request); err != nil {
		return nil, status.Errorf(codes.Internal, "grpc: error unmarshalling request: %v", err)
	}
	return handler(ctx, request)
}

// room waits until a message can be decoded, and returns how much it takes: nothing where it is small.
func (s *server) room(ctx context.Context, method string, message mem.BufferSlice) (int64, error) {
	if message.Len() <= smallBody {
		return 0, nil
	}
	signal, known := methods[method]
	if !known {
		return 0, s.refuse(ctx, reasonLarge)
	}
	meter := cost.NewProtobuf(signal, s.limit)
	for _, piece := range message {
		if err := meter.Add(piece.ReadOnlyData()); err != nil {
			return 0, s.refuse(ctx, reasonOf(err))
		}
	}
	if err := s.acquire(ctx, s.decoded, meter.Bytes()); err != nil {
		return 0, err
	}
	return meter.Bytes(), nil
}

// TagRPC leaves the context as it is: the tap has set it.
func (s *server) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

// TagConn leaves the context as it is.
func (s *server) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// HandleConn does nothing: the calls are followed, not the connections.
func (s *server) HandleConn(context.Context, stats.ConnStats) {}

// codec keeps messages of OTLP as they came, and leaves all others to the codec that there is.
type codec struct {
	encoding.CodecV2
	mutex sync.Mutex
	kept  map[any]mem.BufferSlice
}

// Unmarshal keeps a message for the interceptor, until `take` is asked for it in the same goroutine.
func (c *codec) Unmarshal(message mem.BufferSlice, into any) error {
	if _, own := into.(interface{ UnmarshalProto([]byte) error }); !own {
		return c.CodecV2.Unmarshal(message, into)
	}
	message.Ref()
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.kept[into] = message
	return nil
}

// take returns the message that is kept for a request, once; nil where there is none.
func (c *codec) take(request any) mem.BufferSlice {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	message := c.kept[request]
	delete(c.kept, request)
	return message
}
