import { All, Controller } from '@nestjs/common';
import { UnimplementedError } from '@sutra-embedder/engine';

/** Elasticsearch's own inference API, which its clients call on Elasticsearch. */
@Controller('_inference')
export class ElasticsearchController {
  @All(['', ':one', ':one/:two', ':one/:two/:three'])
  inference(): never {
    throw new UnimplementedError(
      'This server is no Elasticsearch; create an inference endpoint there with the service "openai" and its url set to /v1/embeddings of this server',
    );
  }
}
