import { describe, expect, it } from 'vitest';
import { readApiSettings } from '../../../shared/lambda/apiSettings.ts';
import { seconds } from '../../../shared/model/time.ts';

const SECRET = 'a-secret-of-30-characters+/=._';

describe('the settings of the API', () => {
  it('are those of nothing where nothing is said', () => {
    expect(readApiSettings({})).toEqual({ batchWindow: seconds(10) });
    expect(readApiSettings({ TIDEMARK_API_TOKEN: '', TIDEMARK_PSEUDONYM_KEY: '' })).toEqual({
      batchWindow: seconds(10),
    });
  });

  it('are what the deployment says', () => {
    const variables = {
      TIDEMARK_BATCH_WINDOW_SECONDS: '0',
      TIDEMARK_API_TOKEN: SECRET,
      TIDEMARK_PSEUDONYM_KEY: `${SECRET}k`,
    };
    expect(readApiSettings(variables)).toEqual({
      batchWindow: seconds(0),
      token: SECRET,
      pseudonymKey: `${SECRET}k`,
    });
  });

  it.each([
    ['TIDEMARK_API_TOKEN', 'x'.repeat(19), /TIDEMARK_API_TOKEN: give 20 to 256/],
    ['TIDEMARK_API_TOKEN', `${SECRET}\n`, /TIDEMARK_API_TOKEN: give 20/],
    ['TIDEMARK_PSEUDONYM_KEY', `${SECRET} `, /TIDEMARK_PSEUDONYM_KEY: give 20/],
    ['TIDEMARK_BATCH_WINDOW_SECONDS', '10s', /give a whole number of seconds/],
  ])('refuse %s=%j in a line that does not repeat a secret', (name, value, message) => {
    const read = () => readApiSettings({ [name]: value });
    expect(read).toThrow(message);
    expect(read).toThrow(expect.objectContaining({ message: expect.not.stringContaining(value) }));
  });
});
