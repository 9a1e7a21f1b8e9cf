// A web service in Node.js, measured by OpenTelemetry's own instrumentations, that asks itself for some pages, counts rate
// limits of raw client addresses, and ends. Everything leaves at the end, by OTLP/HTTP to OTEL_EXPORTER_OTLP_ENDPOINT.
import { metrics, trace } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node';
import { NodeSDK } from '@opentelemetry/sdk-node';

const sdk = new NodeSDK({
  instrumentations: [new HttpInstrumentation(), new RuntimeNodeInstrumentation({ monitoringPrecision: 10 })],
});
sdk.start();

// Only now: what is loaded before the SDK starts is not measured.
const { default: http } = await import('node:http');
const { default: express } = await import('express');

const app = express();
app.get('/users/:id', (request, response) => response.send(`user ${request.params.id}`));
app.get('/fails', () => { throw new Error('for zoe.quill@example.org'); });
// eslint-disable-next-line no-unused-vars -- Express tells an error handler by its four parameters.
app.use((error, request, response, next) => response.status(500).send('failed'));

const server = app.listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));

const get = (path) => new Promise((resolve, reject) => {
  const request = { host: '127.0.0.1', port: server.address().port, path, agent: false };
  http.get(request, (response) => response.resume().on('end', resolve)).on('error', reject);
});
const requests = Number(process.argv[2]);
for (let number = 0; number < requests; number += 1) {
  await get(`/users/${number}?email=zoe.quill%40example.org`);
}
await get('/fails');
await get('/no/such/page');

const hits = metrics.getMeter('shop').createCounter('techsapo.rate_limit.hits');
for (const address of process.argv.slice(3)) {
  hits.add(1, { endpoint: '/users/{id}', client_ip: address, user: 'zoe.quill@example.org' });
}
trace.getTracer('shop').startSpan('hello zoe.quill@example.org').end();

globalThis.gc();
await new Promise((resolve) => setTimeout(resolve, 100));
server.close();
await sdk.shutdown();
