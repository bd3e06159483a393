/** Many viewers cost what one does, and an answer that has not changed is not sent again. */
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RowsReader } from '../../../../shared/ports/rowsReader.ts';
import { type ApiStage, startApiStage } from '../../../support/apiStage.ts';

let stage: ApiStage;
beforeAll(async () => {
  stage = await startApiStage();
});
afterAll(() => stage.stop());

function countingRows(): RowsReader & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    page(request) {
      asked.push(request.pk);
      return stage.rows.page(request);
    },
    batchGet(table, keys) {
      asked.push(table);
      return stage.rows.batchGet(table, keys);
    },
  };
}

describe('an answer', () => {
  it('is read once for all who ask at the same time', async () => {
    const rows = countingRows();
    const api = stage.api({ rows });
    const answers = await Promise.all(
      Array.from({ length: 100 }, async () => (await api.request('/v1/overview')).text()),
    );
    expect(new Set(answers).size).toBe(1);
    const once = countingRows();
    await stage.api({ rows: once }).request('/v1/overview');
    expect(rows.asked).toHaveLength(once.asked.length);
  });

  it('is given again for two seconds, and no longer', async () => {
    const rows = countingRows();
    let ticks = 1;
    const api = stage.api({ rows, ticks: () => ticks });
    const askAt = async (at: number) => {
      ticks = at;
      await api.request('/v1/pvuv');
    };
    await askAt(1);
    await askAt(2_000);
    expect(rows.asked).toEqual(['all']);
    await askAt(2_002);
    expect(rows.asked).toEqual(['all', 'all']);
  });

  it('is shared by whoever asks the same, in whatever order of parameters', async () => {
    const rows = countingRows();
    const api = stage.api({ rows });
    await api.request('/v1/pvuv?latest=3&at=2017-11-26T02:00:00Z');
    await api.request('/v1/pvuv?at=2017-11-26T02:00:00Z&latest=3');
    expect(rows.asked).toEqual(['all']);
    await api.request('/v1/pvuv?latest=2&at=2017-11-26T02:00:00Z');
    await api.request('/v1/ad-clicks/p1');
    await api.request('/v1/ad-clicks/p2');
    expect(rows.asked).toEqual(['all', 'all', 'p1', 'p2']);
  });

  it('that a viewer has is not sent again', async () => {
    const api = stage.api();
    const first = await api.request('/v1/overview');
    const tag = first.headers.get('etag') ?? '';
    expect(tag).toMatch(/^"[0-9a-f]{40}"$/);
    for (const seen of [tag, `W/${tag}`, `"other", ${tag}`]) {
      const again = await api.request('/v1/overview', { headers: { 'If-None-Match': seen } });
      expect([again.status, await again.text()]).toEqual([304, '']);
      expect(again.headers.get('cache-control')).toBe('private, max-age=2');
    }
    const changed = await api.request('/v1/overview', { headers: { 'If-None-Match': '"other"' } });
    expect(changed.status).toBe(200);
  });

  it('is packed for whoever takes it so', async () => {
    const api = stage.api();
    const plain = await (await api.request('/v1/overview')).text();
    const packed = await api.request('/v1/overview', { headers: { 'Accept-Encoding': 'gzip' } });
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(packed.headers.get('vary')).toBe('Accept-Encoding');
    expect(gunzipSync(await packed.arrayBuffer()).toString()).toBe(plain);
    const tag = packed.headers.get('etag') ?? '';
    const again = await api.request('/v1/overview', {
      headers: { 'Accept-Encoding': 'gzip', 'If-None-Match': tag },
    });
    expect([again.status, again.headers.get('vary')]).toEqual([304, 'Accept-Encoding']);
  });

  it('to HEAD has the headers and no body', async () => {
    const response = await stage.api().request('/v1/pvuv', { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(response.headers.get('etag')).toMatch(/^"/);
  });
});
