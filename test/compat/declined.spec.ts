import { Service } from '../e2e/service';

describe('what is not spoken', () => {
  let service: Service;
  beforeAll(async () => void (service = await Service.start()));
  afterAll(() => service.close());

  it.each([
    ['/vectors', /text2vec-openai/],
    ['/_inference/text_embedding/mine', /"openai"/],
    ['/_inference/mine', /"openai"/],
  ])('%s says what to use instead', async (path, message) => {
    const { status, body } = await service.post(path, { text: 'a', input: 'a' });
    expect(status).toBe(501);
    expect(body.error).toMatchObject({ code: 'UNIMPLEMENTED', message: expect.stringMatching(message) as string });
  });
});
