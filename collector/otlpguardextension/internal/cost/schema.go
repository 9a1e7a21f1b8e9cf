package cost

// kind is a message of OTLP as it is sent; none is a field that is no message.
type kind uint8

const (
	none kind = iota
	metricsRequest
	tracesRequest
	logsRequest
	resourceMetrics
	resourceSpans
	resourceLogs
	resource
	entityRef
	scopeMetrics
	scopeSpans
	scopeLogs
	scope
	metric
	gauge
	sum
	histogram
	exponentialHistogram
	summary
	numberPoint
	histogramPoint
	exponentialPoint
	buckets
	summaryPoint
	quantile
	exemplar
	span
	event
	link
	status
	logRecord
	keyValue
	anyValue
	arrayValue
	keyValueList
	kinds
)

// field is what one occurrence of a field costs: bytes that the decoder takes from the heap, and for each byte of a
// packed field as many more.
type field struct {
	message kind
	bytes   uint16
	packed  uint8
}

// What a slot of a growing list may take: twice what is in it, and a quarter more while it is moved.
const slack = 9

// pointed is a message in a list of pointers, whose struct takes `size` bytes of the heap.
func pointed(message kind, size uint16) field {
	return field{message: message, bytes: size + 8*slack/4}
}

// inline is a message in a list of structs of `size` bytes.
func inline(message kind, size uint16) field {
	return field{message: message, bytes: size * slack / 4}
}

// within is a message in the struct that it belongs to.
func within(message kind) field { return field{message: message} }

// chosen is a message, or a value, of which a message has one: `size` bytes with the wrapper that says which it is.
func chosen(message kind, size uint16) field { return field{message: message, bytes: size} }

var (
	// text is a string or bytes: they are copied, which the body's length pays for; this is what rounding up may take.
	text       = field{bytes: 16}
	listedText = field{bytes: 16 + 16*slack/4}
	// number is one of a list of numbers; in a packed list of fixed size as many bytes come as are taken.
	number       = field{bytes: 8 * slack / 4, packed: 1}
	packedVarint = field{bytes: 8 * slack / 4, packed: 8 * slack / 4}
	attribute    = inline(keyValue, 40)
	exemplarItem = inline(exemplar, 72)
)

// deprecated is where field 1000 is found: the scopes of a resource, as they were named once.
const deprecated = 0

// message has the fields of a message by their numbers (opentelemetry-proto 1.x); what it does not list takes nothing.
type message [17]field

// The sizes are those of the structs of pdata v1.67.0 on 64 bits, rounded up as the heap does: schema_test.go compares.
var schema = [kinds]message{
	metricsRequest:  {1: pointed(resourceMetrics, 128)},
	tracesRequest:   {1: pointed(resourceSpans, 128)},
	logsRequest:     {1: pointed(resourceLogs, 128)},
	resourceMetrics: {1: within(resource), 2: pointed(scopeMetrics, 112), 3: text, deprecated: pointed(scopeMetrics, 112)},
	resourceSpans:   {1: within(resource), 2: pointed(scopeSpans, 112), 3: text, deprecated: pointed(scopeSpans, 112)},
	resourceLogs:    {1: within(resource), 2: pointed(scopeLogs, 112), 3: text, deprecated: pointed(scopeLogs, 112)},
	resource:        {1: attribute, 3: pointed(entityRef, 80)},
	entityRef:       {1: text, 2: text, 3: listedText, 4: listedText},
	scopeMetrics:    {1: within(scope), 2: pointed(metric, 96), 3: text},
	scopeSpans:      {1: within(scope), 2: pointed(span, 224), 3: text},
	scopeLogs:       {1: within(scope), 2: pointed(logRecord, 128), 3: text},
	scope:           {1: text, 2: text, 3: attribute},
	metric: {
		1: text, 2: text, 3: text, 5: chosen(gauge, 32), 7: chosen(sum, 40), 9: chosen(histogram, 40),
		10: chosen(exponentialHistogram, 40), 11: chosen(summary, 32), 12: attribute,
	},
	gauge:                {1: pointed(numberPoint, 96)},
	sum:                  {1: pointed(numberPoint, 96)},
	histogram:            {1: pointed(histogramPoint, 160)},
	exponentialHistogram: {1: pointed(exponentialPoint, 208)},
	summary:              {1: pointed(summaryPoint, 96)},
	numberPoint:          {4: chosen(none, 8), 5: exemplarItem, 6: chosen(none, 8), 7: attribute},
	histogramPoint:       {6: number, 7: number, 8: exemplarItem, 9: attribute},
	exponentialPoint:     {1: attribute, 8: within(buckets), 9: within(buckets), 11: exemplarItem},
	buckets:              {2: packedVarint},
	summaryPoint:         {6: pointed(quantile, 16), 7: attribute},
	exemplar:             {3: chosen(none, 8), 6: chosen(none, 8), 7: attribute},
	span:                 {3: text, 5: text, 9: attribute, 11: pointed(event, 64), 13: pointed(link, 80), 15: within(status)},
	event:                {2: text, 3: attribute},
	link:                 {3: text, 4: attribute},
	status:               {2: text},
	logRecord:            {3: text, 5: within(anyValue), 6: attribute, 12: text},
	keyValue:             {1: text, 2: within(anyValue)},
	anyValue: {
		1: chosen(none, 32), 2: chosen(none, 8), 3: chosen(none, 8), 4: chosen(none, 8), 5: chosen(arrayValue, 32),
		6: chosen(keyValueList, 32), 7: chosen(none, 40), 8: chosen(none, 8),
	},
	arrayValue:   {1: inline(anyValue, 16)},
	keyValueList: {1: attribute},
}
