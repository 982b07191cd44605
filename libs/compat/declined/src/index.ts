export { DeclinedModule } from './declined.module';
